# Not yet read by a native speaker.

### Was auf den Seiten steht, und in den Antworten an Programme.

## Um jede Seite.

desk_of = Registrierung bei { $homeserver }
language = Sprache
trial = Probelauf
trial_suffix = (Probelauf)
this_is_a_trial = Dies ist ein Probelauf.
no_mail = Noch werden keine E-Mails verschickt.
no_mail_yet = Der Betreiber dieses Servers hat noch keinen E-Mail-Versand eingerichtet. Was du hier anforderst, kann dich also nicht erreichen. Bitte komm später wieder.
trial_sends_nothing = Es wird kein Homeserver gefragt und keine E-Mail verschickt: E-Mails landen in { $folder }.
trial_answer = Dies ist ein Probelauf: Es wird keine E-Mail verschickt, E-Mails landen in trial/outbox/. { $answer }

## Das Formular.

form_title = Ein Konto bei { $homeserver }
form_title_refused = Nicht gesendet: Ein Konto bei { $homeserver }
get_an_account = Hol dir ein Konto bei { $homeserver }
what_this_is = Schreib und telefoniere mit allen bei Matrix, dem offenen Netzwerk.
about_rules = Regeln
about_privacy = Datenschutz
about_contact = Kontakt
open_until = Die Registrierung ist bis { $time } geöffnet.
open = Die Registrierung ist geöffnet.
closes_in = Schließt in { $span }
opens_in = Öffnet wieder in { $span }
your_time = { $text }, um { $time } deiner Zeit
error = Fehler:
username = Benutzername
username_hint = Buchstaben a–z, Ziffern und { $signs }
name_is_free = Dieser Name ist verfügbar.
name_is_taken = Dieser Name ist nicht verfügbar. Wie wäre es mit einem anderen? Wenn du ihn schon einmal angefragt hast, frag einfach noch einmal an.
name_is_not_known = Ob dieser Name verfügbar ist, wird beim Absenden geprüft.
email_address = E-Mail-Adresse
email_hint = Wir schicken dein Registrierungstoken an diese Adresse.
link_hint = Wir schicken deinen Link an diese Adresse.
send_me_a_link = Link anfordern
link_within_minutes = In wenigen Minuten bekommst du eine E-Mail mit einem Link, über den du dein Konto erstellst.
link_once_approved = Sobald deine Anfrage genehmigt ist, bekommst du eine E-Mail mit einem Link, über den du dein Konto erstellst.
create_by_link = Öffne den Link und wähle ein Passwort: Dein Konto ist fertig, und du meldest dich damit in einem beliebigen Matrix-Client an.
link_works_for = Der Link gilt { $span }.
approved_by_hand = Der Betreiber genehmigt hier jedes Konto einzeln. Es kann also etwas dauern, bis du deine E-Mail bekommst.
terms_to_agree = Es gibt Nutzungsbedingungen, denen du zustimmen musst.
question_to_answer = Eine Frage ist zu beantworten.
i_agree = Ich habe die { $terms } gelesen und stimme ihnen zu.
the_terms = Nutzungsbedingungen
read_the_terms = Nutzungsbedingungen lesen
at_least =
    { $least ->
        [one] Mindestens { $least } Zeichen
       *[other] Mindestens { $least } Zeichen
    }
ask_for_account = Konto anfragen
send_me_a_token = Registrierungstoken anfordern
sending = Wird gesendet …
field_sent_twice = Dieses Feld wurde mehrfach gesendet.

## Wie es geht.

how_it_works = So funktioniert’s
ask_here = Hier anfragen
ask_here_how = Wähle einen Benutzernamen und gib eine E-Mail-Adresse an, die du lesen kannst.
check_your_email = Sieh in dein Postfach
email_within_minutes = In wenigen Minuten bekommst du eine E-Mail mit einem Registrierungstoken: einem Code, mit dem du dich registrieren kannst.
email_once_approved = Sobald deine Anfrage genehmigt ist, bekommst du eine E-Mail mit einem Registrierungstoken: einem Code, mit dem du dich registrieren kannst.
create_your_account = Konto erstellen
create_how = Öffne einen Client, der Registrierungstoken unterstützt: { $client } im Browser tut das, Element Desktop auch; Element X und FluffyChat nicht. Wähle { $homeserver } als Homeserver und gib Benutzernamen, Passwort und Registrierungstoken ein. Wie es geht, steht in der E-Mail.
create_on_page = Die Registrierungsseite von { $homeserver } ist { $page }: Gib dort Benutzernamen, Passwort und Registrierungstoken ein. Auch Element X und die meisten anderen Clients führen dorthin. Wie es geht, steht in der E-Mail.
create_by_client = Öffne einen Client, etwa { $client } im Browser, Element Desktop oder Element X, und wähle { $homeserver } als Homeserver: Er führt dich zur Registrierungsseite von { $homeserver }, wo du Benutzernamen, Passwort und Registrierungstoken eingibst. Wie es geht, steht in der E-Mail.
token_works_for = Das Registrierungstoken gilt { $span }.
token_works_until_daily = Das Registrierungstoken gilt, bis es täglich um { $time } wechselt.

## Was über Anfragende gespeichert wird.

privacy = Was gespeichert wird
privacy_kept = Dein Benutzername, deine E-Mail-Adresse und deine IP-Adresse werden gespeichert, um über deine Anfrage zu entscheiden und Missbrauch zu verhindern.
privacy_answer = Deine Antwort ebenso.
privacy_ip =
    { $days ->
        [one] Deine IP-Adresse wird nach der halben Zeit gekürzt und nach { $days } Tag gelöscht.
       *[other] Deine IP-Adresse wird nach der halben Zeit gekürzt und nach { $days } Tagen gelöscht.
    }
privacy_ip_at_once =
    { $days ->
        [one] Deine IP-Adresse wird nach { $days } Tag gelöscht.
       *[other] Deine IP-Adresse wird nach { $days } Tagen gelöscht.
    }
privacy_refused =
    { $days ->
        [one] Abgelehnte Anfragen werden nach { $days } Tag gelöscht.
       *[other] Abgelehnte Anfragen werden nach { $days } Tagen gelöscht.
    }
privacy_answers =
    { $days ->
        [one] Antworten werden nach { $days } Tag gelöscht.
       *[other] Antworten werden nach { $days } Tagen gelöscht.
    }
privacy_addresses =
    { $days ->
        [one] E-Mail-Adressen werden nach { $days } Tag gelöscht; es bleibt ein Kennzeichen, das sich nicht zurückrechnen lässt, damit jede Adresse nur ein Konto bekommt.
       *[other] E-Mail-Adressen werden nach { $days } Tagen gelöscht; es bleibt ein Kennzeichen, das sich nicht zurückrechnen lässt, damit jede Adresse nur ein Konto bekommt.
    }
privacy_ask = Du kannst den Betreiber fragen, was über dich gespeichert ist, und es löschen lassen.

## Nach der Anfrage.

waiting_for_approval = Wartet auf Genehmigung
held = Deine Anfrage für { $mxid } liegt beim Betreiber von { $homeserver }. Sobald sie genehmigt ist, schicken wir das Registrierungstoken an { $email }.
on_its_way = Das Registrierungstoken für { $mxid } ist unterwegs an { $email }.
queued = Wir schicken das Registrierungstoken für { $mxid } an { $email }.
held_link = Deine Anfrage für { $mxid } liegt beim Betreiber von { $homeserver }. Sobald sie genehmigt ist, schicken wir deinen Link an { $email }.
link_on_its_way = Der Link, mit dem du { $mxid } erstellst, ist unterwegs an { $email }.
link_queued = Wir schicken den Link, mit dem du { $mxid } erstellst, an { $email }.
email_queued_what = Das kann etwas dauern; du brauchst nicht noch einmal anzufragen.
email_from = Die E-Mail kommt von
email_subject = mit dem Betreff
email_from_with_subject = Die E-Mail kommt von { $sender } mit dem Betreff „{ $subject }“.
wait_how_long = Wie lange es dauert, hängt vom Betreiber ab. Du brauchst nichts zu tun und nicht noch einmal anzufragen.
trial_email_is_in = Im Probelauf liegt sie in { $folder } auf dem Rechner, auf dem das Programm läuft.
there_within_minutes = Sie sollte in wenigen Minuten da sein.
check_spam = Wenn du sie nicht findest, sieh im Spam-Ordner nach.
did_not_get_it = Nichts angekommen?
again_at_any_time = Frag jederzeit mit demselben Benutzernamen und derselben Adresse noch einmal an: Du bekommst eine neue E-Mail.
again_later = Frag später mit demselben Benutzernamen und derselben Adresse noch einmal an: Du bekommst eine neue E-Mail.
again_after = Frag ab { $time } (in { $span }) mit demselben Benutzernamen und derselben Adresse noch einmal an: Du bekommst eine neue E-Mail.
back_to_sign_up = Zurück zur Registrierung

## Die Quittung.

sending_email = Deine E-Mail wird verschickt
email_goes_to = Die E-Mail für { $mxid } geht gleich an { $email } hinaus.
email_went_to = Wir haben eine E-Mail für { $mxid } an { $email } geschickt.
email_failed = Die E-Mail kam nicht an
email_did_not_go_to = Die E-Mail für { $mxid } konnte nicht an { $email } zugestellt werden.
no_such_mailbox = Der Mailserver meldet, dass es dieses Postfach nicht gibt. Hast du dich bei der Adresse vertippt?
no_mail_there = Der Mailserver meldet, dass dorthin keine E-Mail zugestellt werden kann. Hast du dich bei der Adresse vertippt?
mailbox_full = Der Mailserver meldet, dass das Postfach voll ist.
mail_server_refused = Der Mailserver hat die E-Mail nicht angenommen.
email_not_sent = Die E-Mail konnte nicht verschickt werden.
account_created = Dein Konto ist fertig
account_is_there = { $mxid } gehört dir: Melde dich in einer beliebigen Matrix-App an.
request_ended = Diese Anfrage ist beendet
request_was_for = Sie galt { $mxid }.
none_before = Deine Anfrage ist die nächste.
one_before = Eine Anfrage ist vor deiner dran.
many_before =
    { $count ->
        [one] { $count } Anfrage ist vor deiner dran.
       *[other] { $count } Anfragen sind vor deiner dran.
    }
step_asked = Anfrage eingegangen
step_to_send = E-Mail unterwegs
step_sent = E-Mail verschickt
step_failed = E-Mail vom Mailserver abgelehnt
step_opened = Link geöffnet
step_account = Konto erstellen
step_created = Konto erstellt
wrong_address = Falsche Adresse?
another_name = Anderer Name?
correct_it = Ändern
correct_what = Wir schicken eine neue E-Mail; die vorige gilt dann nicht mehr.
renews_itself = Diese Seite aktualisiert sich von selbst.
stop_renewing = Anhalten, um deine Anfrage zu ändern.
back_to_receipt = Zurück zu deiner Anfrage

## Für alle, die nicht gefragt haben.

not_you_title = Das warst nicht du?
somebody_wanted = Jemand hat mit der Adresse { $email } das Konto { $mxid } angefragt.
somebody_wrote = Jemand hat mit der Adresse { $email } an die Registrierung von { $homeserver } geschrieben.
not_me_what = Wenn du das nicht warst, sag es uns: Die Anfrage endet, und diese Adresse bekommt von uns keine E-Mails mehr.
not_me = Das war ich nicht
not_me_done = Danke für den Hinweis
not_me_nothing_more = Die Anfrage ist beendet, und { $email } bekommt von uns keine E-Mails mehr.
not_me_account = Mit dieser E-Mail wurde bereits ein Konto erstellt. Bitte sag dem Betreiber von { $homeserver } Bescheid.

## Aus anderem Grund zurückgestellt.

in_the_queue = Du stehst in der Warteschlange
queued_for = Die Konten für heute sind vergeben. Deine Anfrage für { $mxid } ist Nummer { $place } in der Warteschlange; täglich um { $time } gibt es neue. Wir schreiben an { $email }, sobald du dran bist.
queue_how_long = Du brauchst nichts zu tun und nicht noch einmal anzufragen.
prove_first = Deine Anfrage für { $mxid } ist notiert. Wir haben einen Link an { $email } geschickt: Öffne ihn innerhalb von 24 Stunden, um zu bestätigen, dass die Adresse dir gehört. Dann geht deine Anfrage an den Betreiber von { $homeserver }.
open_and_confirm = E-Mail öffnen und Adresse bestätigen

## Der Link, der eine Adresse bestätigt.

confirm_address = Bestätige deine Adresse
confirm_question = Jemand hat mit deiner E-Mail-Adresse das Konto { $id } angefragt. Wenn du das warst, bestätige es bitte, und die Anfrage geht weiter. Wenn nicht, schließ einfach diese Seite.
confirm = Meine Adresse bestätigen
address_confirmed = Adresse bestätigt
confirmed_and_waits = Danke. Deine Anfrage für { $id } liegt beim Betreiber von { $homeserver }. Sobald sie genehmigt ist, schreiben wir dir.
confirmed_and_queued = Danke. Die Konten für heute sind vergeben, deshalb steht deine Anfrage für { $id } in der Warteschlange. Wir schreiben dir, sobald du dran bist.
confirmed_and_accepted = Danke. Deine Anfrage für { $id } ist angenommen, und deine E-Mail ist unterwegs.
cannot_go_on = Diese Anfrage kann nicht weitergehen
link_over = Dieser Link gilt nicht mehr
link_over_what = Er wurde benutzt, oder die Anfrage ist beendet. Wenn du noch ein Konto möchtest, frag bitte noch einmal an.

## Wo HTTP selbst nicht klappt.

error_status = Fehler { $status }
unreadable = Nicht lesbar
unreadable_what = Dein Browser hat etwas gesendet, das hier nicht verstanden wird.
forbidden = Nicht erlaubt
forbidden_what = Das ist hier nicht erlaubt.
not_found = Seite nicht gefunden
not_found_what = Unter dieser Adresse gibt es keine Seite.
wrong_method = Hier nicht möglich
wrong_method_what = Diese Adresse lässt sich so nicht verwenden.
too_slow = Zu langsam
too_slow_what = Deine Anfrage kam zu langsam an. Bitte versuch es noch einmal.
too_large = Zu groß
too_large_body = Dein Browser hat mehr gesendet, als hier angenommen wird. Bitte benutze das Formular auf der Seite.
too_large_head = Dein Browser hat mehr über sich gesendet, als hier angenommen wird. Vielleicht hilft es, seine Cookies zu löschen.
wrong_type = Falsches Format
wrong_type_what = Hier wird nur angenommen, was das eigene Formular sendet. Bitte benutze das Formular auf der Seite.
http_version = HTTP-Version nicht unterstützt
http_version_what = Dein Browser benutzt eine HTTP-Version, die hier nicht unterstützt wird.
not_now = Gerade nicht
not_now_what = Im Moment ist keine Antwort möglich. Bitte versuch es in einer Minute noch einmal.
our_fault = Etwas ist schiefgegangen
our_fault_what = Das liegt an uns, nicht an dir. Bitte versuch es in einer Minute noch einmal.
other_error = Das hat nicht geklappt
other_error_what = Bitte versuch es noch einmal von der Registrierungsseite aus.
