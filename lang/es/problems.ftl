# Not yet read by somebody who speaks it.

email_missing = Indica tu dirección de correo.
email_shape = Esto no es una dirección de correo. Debería ser como name@example.org.
email_local_part = La parte de la dirección antes de la @ solo puede tener letras simples (a–z), cifras y signos. Usa otra dirección.
email_character = Esta dirección de correo tiene un carácter al que no se puede enviar correo. Revísala.
email_too_long = Esta dirección de correo es demasiado larga para existir. Revísala.
email_literal = Indica una dirección con un nombre de dominio después de la @, no una dirección IP.
email_unseen = Hay un carácter invisible ({ $which }) en esta dirección de correo. Escríbela a mano.
email_route = Esta dirección de correo indica un camino hacia otro sitio (%, ! o @…:). Indica la dirección simple.
email_cannot_receive = Nadie puede recibir correo en este dominio. Revisa la dirección.
did_you_mean = ¿Querías decir { $meant }? Si { $typed } es correcto, envíalo otra vez.
yes_this_address = Sí, { $address }
no_this_address = No, { $address } es correcto
email_domain = La parte después de la @ no es un nombre de dominio. Revisa la dirección.
username_missing = Elige un nombre de usuario.
username_elsewhere = Las cuentas creadas aquí terminan en :{ $server }. Escribe solo la parte antes de los dos puntos.
username_character = Un nombre de usuario no puede contener { $shown }. Usa solo a–z, 0–9 y los signos . _ = - / +
username_too_long = Este nombre de usuario es demasiado largo. Puede tener { $most } caracteres como máximo.
answer_missing = Responde a la pregunta: { $question }
answer_too_short = Responde con al menos { $least } caracteres.
answer_too_long = Esta respuesta es demasiado larga. Puede tener { $most } caracteres como máximo.
terms_not_agreed = Lee los términos de uso y marca la casilla para aceptarlos.
a_space = un espacio
unseen_character = un carácter invisible ({ $which })
a_character = «{ $character }»
