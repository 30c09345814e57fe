# Not yet read by somebody who speaks it.

closed_until = El registro está cerrado mientras se cambia el token de registro. Vuelve a abrirse a las { $time }.
paused = El registro está en pausa en este momento. Inténtalo más tarde.
being_updated = El registro está cerrado por una actualización. Inténtalo otra vez en unos minutos.
not_live_yet = El registro está cerrado hasta que el servidor acepte el nuevo token de registro. Suele tardar unos minutos; inténtalo otra vez pronto.
too_many_come = El registro está cerrado un rato porque llegan más solicitudes de lo habitual. Inténtalo otra vez en una hora.
cross_site = Esta solicitud ha llegado de otro sitio web. Usa el formulario de esta página.
form_incomplete = El formulario no ha llegado completo. Rellena los dos campos.
ip_banned = Aquí no se aceptan solicitudes desde tu dirección de red.
rate_limited = Demasiadas solicitudes. Inténtalo otra vez en { $span }.
too_many_wait = Hay demasiadas solicitudes pendientes de aprobación. No se pueden aceptar más hasta que el administrador decida.
too_many_wait_of_net = Hay demasiadas solicitudes de tu red pendientes de aprobación. No se pueden aceptar más hasta que el administrador decida.
mailbox_waits = Ya hay una solicitud con esta dirección de correo pendiente de aprobación. No se puede aceptar otra hasta que el administrador decida.
email_banned = Aquí no se aceptan solicitudes con esta dirección de correo. Usa otra.
email_in_use = Ya hay una cuenta o una solicitud con esta dirección de correo, y cada dirección solo puede tener una.
email_cooldown = Hemos enviado un correo a esta dirección hace poco; mira también en la carpeta de spam. Puedes pedirlo otra vez en { $span }.
username_unavailable = Este nombre de usuario no está disponible. Elige otro.
homeserver_unreachable = No se ha podido preguntar al servidor si este nombre de usuario está libre. No se ha perdido nada; inténtalo otra vez en un minuto.
refused_because =
    El administrador ha revisado tu solicitud y la ha rechazado:

    { $because }
refused_without_reason = El administrador ha revisado tu solicitud y la ha rechazado.
ended_otherwise = Esta solicitud ha terminado.
lapsed = Tu solicitud ha esperado demasiado la aprobación y ha caducado. Pídela otra vez.
