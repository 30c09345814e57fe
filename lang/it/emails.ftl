# Not yet read by somebody who speaks it.

token_subject = Il tuo token di registrazione per { $homeserver }
account_subject = Crea il tuo account su { $homeserver }
account_preview = Scegli una password e il tuo account è pronto. Il link funziona fino alle { $until }, ancora per { $span }.
your_account = Crea il tuo account
this_is_the_link = Scegli una password sulla nostra pagina e l’account è pronto. Poi accedi con qualsiasi client Matrix.
this_is_the_link_to_choose = Scegli un nome utente e una password sulla nostra pagina e l’account è pronto. Poi accedi con qualsiasi client Matrix.
link_works_until = Il link funziona una sola volta, fino alle { $until }, ancora per { $span }. Non darlo a nessuno.
own_client = Preferisci il tuo client?
own_client_token = Allora lascia stare il link e usa questo token di registrazione:
token_preview = Funziona fino alle { $until }, ancora per { $span }. Tre passi per creare il tuo account.
trial_email = Qualcuno sta provando l’ufficio registrazioni: questa email è stata scritta in una cartella e non è stata inviata a nessuno, e il token di registrazione non serve a nulla.
your_token = Il tuo token di registrazione
somebody_asked = Tu, o qualcuno che ha scritto il tuo indirizzo, ha chiesto un account sul server Matrix { $homeserver }:
email_asked = Un’email dal tuo indirizzo ha chiesto un account sul server Matrix { $homeserver }:
this_is_the_token = Questo è il token di registrazione:
works_until = Funziona fino alle { $until }, ancora per { $span }. Non darlo a nessuno.
short_way = La via breve per il tuo account
sign_up_page = Crealo sulla pagina di registrazione di { $homeserver }:
sign_up_page_filled = Crealo sulla pagina di registrazione di { $homeserver }, dove nome utente e token di registrazione sono già compilati:
sign_up_page_with_name = Crealo sulla pagina di registrazione di { $homeserver }, dove il nome utente è già compilato:
sign_up_page_with_token = Crealo sulla pagina di registrazione di { $homeserver }, dove il token di registrazione è già compilato:
create_the_account = Crea l’account
three_steps = Tre passi per creare il tuo account
or_three_steps = Oppure in tre passi
step_client = Apri un client, il programma con cui usi Matrix. Deve supportare i token di registrazione: questo, nel browser, li supporta, e anche Element Desktop. Element X e FluffyChat no, ma potrai usarli quando avrai l’account.
step_client_of_page = Apri un client, il programma con cui usi Matrix: questo nel browser, Element Desktop, Element X o quasi tutti gli altri. Ti porta alla pagina di registrazione di { $homeserver }, dove viene chiesto il token di registrazione.
step_homeserver = Scegli «Crea account». Se è indicato un altro server, scegli «Modifica» lì accanto. Il tuo è:
step_username = Come nome utente scrivi:
step_username_within = Come nome utente scrivi ciò che sta tra @ e : in
step_token = Scegli una password e incolla il token di registrazione dove ti viene chiesto. Non è un codice email: se te ne viene chiesto uno, arriva in un’altra email.
not_you = Non l’hai chiesto tu?
not_you_what = Ignora semplicemente questa email.
not_you_tell = Diccelo, e questo indirizzo non riceverà più nulla:
expired = Token scaduto?
link_expired = Link scaduto?
expired_where = Chiedilo di nuovo con lo stesso nome e lo stesso indirizzo:
expired_anywhere = Chiedilo di nuovo dove hai chiesto questo, con lo stesso nome e lo stesso indirizzo.
expired_by_email = Scrivi di nuovo a { $address }, con lo stesso nome utente.

invitation_subject = Invito su { $homeserver }
invitation_heading = Hai ricevuto un invito
invites = L’amministratore del server Matrix { $homeserver } ti invita a creare un account lì.
invites_as = L’amministratore del server Matrix { $homeserver } ti invita a creare questo account:
invitation_note = Il suo messaggio:
invitation_expired = Chiedi un nuovo invito a chi ti ha invitato.

request_subject = La tua richiesta di un account su { $homeserver }
refused =
    Ciao,

    hai chiesto via email un account su { $homeserver }, e questo è quello indicato nella tua email:

        { $name }

    { $why }
refused_without_name =
    Ciao,

    hai chiesto via email un account su { $homeserver }.

    { $why }
write_again =
    Scrivi di nuovo a { $address }, con una sola riga:

    Nome utente: { $example }
names_read =
    Questo è ciò che la tua email indica come nome utente:

        { $names }
answered_by_operator =
    Ciao,

    l’amministratore di { $homeserver } ha letto la tua email e risponde:

    { $answer }
refused_by_operator =
    Ciao,

    hai chiesto un account su { $homeserver }. L’amministratore ha esaminato la tua richiesta e l’ha rifiutata:

    { $why }
help =
    Ciao,

    hai scritto all’ufficio registrazioni di { $homeserver }, e non è stato possibile capire quale nome utente vuoi.

    { $problem }
address_is_known =
    Ciao,

    qualcuno, forse tu, ha chiesto un account su { $homeserver } con il tuo indirizzo email. Con questo indirizzo esiste già un account o una richiesta, quindi non è stato cambiato nulla e nessuno è stato avvisato.

    Se l’hai chiesto perché un’email non è arrivata, riprova più tardi con il nome utente che hai scelto la prima volta. Se non eri tu, ignora semplicemente questo messaggio.
no_longer =
    Ciao,

    hai chiesto un account su { $homeserver }, e la tua richiesta ha dovuto aspettare. Non può più essere accolta:

    { $why }
prove_subject = Conferma il tuo indirizzo per { $homeserver }
prove_address =
    Ciao,

    tu, o qualcuno che ha scritto il tuo indirizzo, ha chiesto l’account { $id } su { $homeserver }. Conferma che questo indirizzo è tuo:

    { $link }

    Il link funziona per 24 ore. Se non l’hai chiesto tu, ignora semplicemente questa email: senza conferma la richiesta non va avanti.
form_too = C’è anche un modulo: { $url }
several_names = Sono indicati più nomi utente.
no_name = Non è indicato nessun nome utente.
