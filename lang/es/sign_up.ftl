<<<<<<< HEAD
# es: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Crea tu cuenta en { $homeserver }
sign_up_heading = Crea tu cuenta
sign_up_heading_for = Crea tu cuenta { $mxid }
sign_up_what = Elige una contraseña y tu cuenta estará lista. Podrás iniciar sesión con ella en cualquier cliente de Matrix.
sign_up_password = Contraseña
sign_up_password_hint = Una larga que no uses en ningún otro sitio. Guárdala en tu gestor de contraseñas.
sign_up_show = Mostrar la contraseña
sign_up_hide = Ocultar la contraseña
sign_up_username = Nombre de usuario
sign_up_agree = Acepto: { $policy }
sign_up_button = Crear cuenta
sign_up_working = Creando tu cuenta…
sign_up_in_line = El servidor crea las cuentas de una en una. Estás en la cola; deja esta página abierta.
sign_up_name_taken = Otra persona ya tiene este nombre. Elige otro.
sign_up_perhaps_yours = Este nombre está ocupado, quizá por tu propia cuenta: si ya enviaste este formulario, usa la misma contraseña que entonces.
sign_up_no_password = Elige una contraseña.
sign_up_weak = El servidor pide una contraseña mejor: { $words }
sign_up_terms_missing = Primero acepta los términos.
sign_up_refused = Aquí no puedes crear una cuenta.
sign_up_waits = El servidor solo crea un número limitado de cuentas a la vez. No se ha perdido nada: inténtalo otra vez en { $span }, con la misma contraseña.
sign_up_unreachable = El servidor no ha respondido. No se ha perdido nada: inténtalo otra vez en un minuto, con la misma contraseña.
sign_up_expired = Este enlace ya no funciona
sign_up_expired_what = Ha caducado, o un correo más reciente lo ha sustituido. Busca un correo más reciente o pídelo otra vez.
sign_up_used = Este enlace ya se ha usado
sign_up_used_what = La cuenta { $mxid } se ha creado. Inicia sesión con ella en cualquier cliente de Matrix, con la contraseña que elegiste.
sign_up_created = Tu cuenta está lista
sign_up_created_message = Tu cuenta { $mxid } está lista.
sign_up_trial = En una prueba no se crea ninguna cuenta. De verdad, la tuya ya estaría lista.
sign_up_id = Tu ID de Matrix
sign_up_server = Servidor
sign_up_copy = Copiar
sign_up_copied = Copiado
sign_up_get_in = Inicia sesión
sign_up_get_in_how = Abre un cliente, elige { $homeserver } como servidor e inicia sesión con tu nombre de usuario y tu contraseña.
sign_up_phone = En tu teléfono
sign_up_phone_how = Instala Element X y escanea este código: se abrirá con tu servidor ya rellenado.
sign_up_qr = Código QR para Element X en tu teléfono
sign_up_room = Saluda
sign_up_room_how = La sala de bienvenida es { $room }.
>>>>>>> tr
