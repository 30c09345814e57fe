# Not yet read by somebody who speaks it.

token_subject = Tu token de registro para { $homeserver }
account_subject = Crea tu cuenta en { $homeserver }
account_preview = Elige una contraseña y tu cuenta estará lista. El enlace funciona hasta las { $until }, durante { $span } más.
your_account = Crea tu cuenta
this_is_the_link = Elige una contraseña en nuestra página y la cuenta estará lista. Después inicia sesión con ella en cualquier cliente de Matrix.
this_is_the_link_to_choose = Elige un nombre de usuario y una contraseña en nuestra página y la cuenta estará lista. Después inicia sesión con ella en cualquier cliente de Matrix.
link_works_until = El enlace funciona una sola vez, hasta las { $until }, durante { $span } más. No lo compartas con nadie.
own_client = ¿Prefieres tu propio cliente?
own_client_token = Entonces no necesitas el enlace: usa este token de registro:
token_preview = Funciona hasta las { $until }, durante { $span } más. Tres pasos para crear tu cuenta.
trial_email = Alguien está probando la oficina de registro: este correo se ha escrito en una carpeta y no se ha enviado a nadie, y el token de registro no sirve para nada.
your_token = Tu token de registro
somebody_asked = Tú u otra persona que escribió tu dirección pidió una cuenta en el servidor de Matrix { $homeserver }:
email_asked = Un correo enviado desde tu dirección pide una cuenta en el servidor de Matrix { $homeserver }:
this_is_the_token = Este es el token de registro para ella:
works_until = Funciona hasta las { $until }, durante { $span } más. No lo compartas con nadie.
short_way = El camino corto a tu cuenta
sign_up_page = Créala en la página de registro de { $homeserver }:
sign_up_page_filled = Créala en la página de registro de { $homeserver }, donde el nombre de usuario y el token de registro ya están rellenados:
sign_up_page_with_name = Créala en la página de registro de { $homeserver }, donde el nombre de usuario ya está rellenado:
sign_up_page_with_token = Créala en la página de registro de { $homeserver }, donde el token de registro ya está rellenado:
create_the_account = Crear la cuenta
three_steps = Tres pasos para crear tu cuenta
or_three_steps = O en tres pasos
step_client = Abre un cliente, el programa con el que usas Matrix. Tiene que admitir tokens de registro: este, en el navegador, los admite, y Element Desktop también. Element X y FluffyChat no, pero podrás usarlos cuando tengas la cuenta.
step_client_of_page = Abre un cliente, el programa con el que usas Matrix: este en el navegador, Element Desktop, Element X o casi cualquier otro. Te llevará a la página de registro de { $homeserver }, donde se pide el token de registro.
step_homeserver = Elige «Crear cuenta». Si aparece otro servidor, elige «Editar» a su lado. El tuyo es:
step_username = Como nombre de usuario escribe:
step_username_within = Como nombre de usuario escribe lo que está entre @ y : en
step_token = Elige una contraseña y pega el token de registro donde se te pida. No es un código de correo: si te piden uno, llegará en otro correo.
not_you = ¿No has pedido esto?
not_you_what = Simplemente ignora este correo.
not_you_tell = Avísanos y esta dirección no recibirá nada más:
expired = ¿El token ha caducado?
link_expired = ¿El enlace ha caducado?
expired_where = Pídelo otra vez con el mismo nombre y la misma dirección:
expired_anywhere = Pídelo otra vez donde lo pediste, con el mismo nombre y la misma dirección.
expired_by_email = Escribe otra vez a { $address }, con el mismo nombre de usuario.

invitation_subject = Invitación a { $homeserver }
invitation_heading = Tienes una invitación
invites = El administrador del servidor de Matrix { $homeserver } te invita a crear una cuenta en él.
invites_as = El administrador del servidor de Matrix { $homeserver } te invita a crear esta cuenta:
invitation_note = Su mensaje:
invitation_expired = Pide una nueva invitación a quien te invitó.

request_subject = Tu solicitud de una cuenta en { $homeserver }
refused =
    Hola:

    Has pedido por correo una cuenta en { $homeserver }, y esta es la que indica tu correo:

        { $name }

    { $why }
refused_without_name =
    Hola:

    Has pedido por correo una cuenta en { $homeserver }.

    { $why }
write_again =
    Escribe otra vez a { $address }, con una sola línea:

    Nombre de usuario: { $example }
names_read =
    Esto es lo que tu correo indica como nombre de usuario:

        { $names }
answered_by_operator =
    Hola:

    El administrador de { $homeserver } ha leído tu correo y responde:

    { $answer }
refused_by_operator =
    Hola:

    Has pedido una cuenta en { $homeserver }. El administrador ha revisado tu solicitud y la ha rechazado:

    { $why }
help =
    Hola:

    Has escrito a la oficina de registro de { $homeserver }, y no se ha podido entender qué nombre de usuario quieres.

    { $problem }
address_is_known =
    Hola:

    Alguien, quizá tú, ha pedido una cuenta en { $homeserver } con tu dirección de correo. Ya hay una cuenta o una solicitud con esta dirección, así que no se ha cambiado nada ni se ha avisado a nadie.

    Si la has pedido porque te falta un correo, pídela más tarde con el nombre de usuario que elegiste la primera vez. Si no has sido tú, simplemente ignora este mensaje.
no_longer =
    Hola:

    Has pedido una cuenta en { $homeserver }, y tu solicitud ha tenido que esperar. Ya no se puede conceder:

    { $why }
prove_subject = Confirma tu dirección para { $homeserver }
prove_address =
    Hola:

    Tú u otra persona que escribió tu dirección pidió la cuenta { $id } en { $homeserver }. Confirma que esta dirección es tuya:

    { $link }

    El enlace funciona durante 24 horas. Si no lo has pedido, simplemente ignora este correo: sin confirmación, la solicitud no sigue adelante.
form_too = También hay un formulario: { $url }
several_names = Se indican varios nombres de usuario.
no_name = No se indica ningún nombre de usuario.
