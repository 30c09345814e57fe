<<<<<<< HEAD
# it: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Crea il tuo account su { $homeserver }
sign_up_heading = Crea il tuo account
sign_up_heading_for = Crea il tuo account { $mxid }
sign_up_what = Scegli una password e il tuo account è pronto. Potrai accedere con qualsiasi client Matrix.
sign_up_password = Password
sign_up_password_hint = Una lunga, che non usi da nessun’altra parte. Salvala nel tuo gestore di password.
sign_up_show = Mostra la password
sign_up_hide = Nascondi la password
sign_up_username = Nome utente
sign_up_agree = Accetto: { $policy }
sign_up_button = Crea account
sign_up_working = Creazione del tuo account…
sign_up_in_line = Il server crea un account alla volta. Sei in coda; lascia aperta questa pagina.
sign_up_name_taken = Nel frattempo qualcun altro ha preso questo nome. Scegline un altro.
sign_up_perhaps_yours = Questo nome è occupato, forse dal tuo stesso account: se hai già inviato questo modulo, usa la stessa password di allora.
sign_up_no_password = Scegli una password.
sign_up_weak = Il server vuole una password migliore: { $words }
sign_up_terms_missing = Prima accetta i termini.
sign_up_refused = Qui non puoi creare un account.
sign_up_waits = Il server crea solo un numero limitato di account alla volta. Non si è perso nulla: riprova tra { $span }, con la stessa password.
sign_up_unreachable = Il server non ha risposto. Non si è perso nulla: riprova tra un minuto, con la stessa password.
sign_up_expired = Questo link non funziona più
sign_up_expired_what = È scaduto, oppure un’email più recente ne ha preso il posto. Cerca un’email più recente o chiedi di nuovo.
sign_up_used = Questo link è già stato usato
sign_up_used_what = L’account { $mxid } è stato creato. Accedi con qualsiasi client Matrix, con la password che hai scelto.
sign_up_created = Il tuo account è pronto
sign_up_created_message = Il tuo account { $mxid } è pronto.
sign_up_trial = In una prova non viene creato nessun account. Nell’uso reale, ora il tuo sarebbe pronto.
sign_up_id = Il tuo ID Matrix
sign_up_server = Server
sign_up_copy = Copia
sign_up_copied = Copiato
sign_up_get_in = Accedi
sign_up_get_in_how = Apri un client, scegli { $homeserver } come server e accedi con il tuo nome utente e la tua password.
sign_up_phone = Sul telefono
sign_up_phone_how = Installa Element X, poi inquadra questo codice: si apre con il tuo server già compilato.
sign_up_qr = Codice QR per Element X sul tuo telefono
sign_up_room = Saluta
sign_up_room_how = La stanza di benvenuto è { $room }.
>>>>>>> tr
