# Not yet read by somebody who speaks it.

closed_until = La registrazione è chiusa mentre il token di registrazione viene sostituito. Riapre alle { $time }.
paused = La registrazione è sospesa al momento. Riprova più tardi.
being_updated = La registrazione è chiusa per un aggiornamento. Riprova tra qualche minuto.
not_live_yet = La registrazione è chiusa finché il server non accetta il nuovo token di registrazione. Di solito ci vogliono pochi minuti; riprova presto.
too_many_come = La registrazione è chiusa per un po’, perché arrivano più richieste del solito. Riprova tra un’ora.
cross_site = Questa richiesta è arrivata da un altro sito. Usa il modulo su questa pagina.
form_incomplete = Il modulo non è arrivato completo. Compila entrambi i campi.
ip_banned = Le richieste dal tuo indirizzo di rete qui non sono accettate.
rate_limited = Troppe richieste. Riprova tra { $span }.
too_many_wait = Troppe richieste attendono l’approvazione. Non se ne possono accettare altre finché l’amministratore non ha deciso.
too_many_wait_of_net = Troppe richieste dalla tua rete attendono l’approvazione. Non se ne possono accettare altre finché l’amministratore non ha deciso.
mailbox_waits = Una richiesta con questo indirizzo email attende già l’approvazione. Non se ne può accettare un’altra finché l’amministratore non ha deciso.
email_banned = Le richieste con questo indirizzo email qui non sono accettate. Usane un altro.
email_in_use = Esiste già un account o una richiesta con questo indirizzo email, e ogni indirizzo può averne solo uno.
email_cooldown = Abbiamo inviato un’email a questo indirizzo poco fa; controlla anche la cartella dello spam. Puoi chiedere di nuovo tra { $span }.
username_unavailable = Questo nome utente non è disponibile. Scegline un altro.
homeserver_unreachable = Non è stato possibile chiedere al server se questo nome utente è libero. Non si è perso nulla; riprova tra un minuto.
refused_because =
    L’amministratore ha esaminato la tua richiesta e l’ha rifiutata:

    { $because }
refused_without_reason = L’amministratore ha esaminato la tua richiesta e l’ha rifiutata.
ended_otherwise = Questa richiesta è terminata.
lapsed = La tua richiesta ha atteso troppo a lungo l’approvazione ed è scaduta. Chiedi di nuovo.
