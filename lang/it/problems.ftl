# Not yet read by somebody who speaks it.

email_missing = Indica il tuo indirizzo email.
email_shape = Questo non è un indirizzo email. Dovrebbe essere simile a name@example.org.
email_local_part = La parte dell’indirizzo prima della @ può avere solo lettere semplici (a–z), cifre e segni. Usa un altro indirizzo.
email_character = Questo indirizzo email contiene un carattere a cui non si può inviare posta. Controllalo.
email_too_long = Questo indirizzo email è troppo lungo per esistere. Controllalo.
email_literal = Indica un indirizzo con un nome di dominio dopo la @, non un indirizzo IP.
email_unseen = C’è un carattere invisibile ({ $which }) in questo indirizzo email. Scrivilo a mano.
email_route = Questo indirizzo email indica un percorso verso un altro posto (%, ! o @…:). Indica l’indirizzo semplice.
email_cannot_receive = Nessuno può ricevere email su questo dominio. Controlla l’indirizzo.
did_you_mean = Intendevi { $meant }? Se { $typed } è giusto, invialo di nuovo.
yes_this_address = Sì, { $address }
no_this_address = No, { $address } è giusto
email_domain = La parte dopo la @ non è un nome di dominio. Controlla l’indirizzo.
username_missing = Scegli un nome utente.
username_elsewhere = Gli account creati qui finiscono con :{ $server }. Scrivi solo la parte prima dei due punti.
username_character = Un nome utente non può contenere { $shown }. Usa solo a–z, 0–9 e i segni . _ = - / +
username_too_long = Questo nome utente è troppo lungo. Può avere al massimo { $most } caratteri.
answer_missing = Rispondi alla domanda: { $question }
answer_too_short = Rispondi con almeno { $least } caratteri.
answer_too_long = Questa risposta è troppo lunga. Può avere al massimo { $most } caratteri.
terms_not_agreed = Leggi i termini d’uso e spunta la casella per accettarli.
a_space = uno spazio
unseen_character = un carattere invisibile ({ $which })
a_character = «{ $character }»
