# Not yet read by a native speaker.

### Was in E-Mails steht.

## Die E-Mail mit dem Token.

token_subject = Dein Registrierungstoken für { $homeserver }
account_subject = Erstelle dein Konto bei { $homeserver }
account_preview = Wähle ein Passwort, und dein Konto ist fertig. Der Link gilt bis { $until }, also noch { $span }.
your_account = Konto erstellen
this_is_the_link = Wähle auf unserer Seite ein Passwort, und das Konto ist fertig. Melde dich dann damit in einem beliebigen Matrix-Client an.
this_is_the_link_to_choose = Wähle auf unserer Seite einen Benutzernamen und ein Passwort, und das Konto ist fertig. Melde dich dann damit in einem beliebigen Matrix-Client an.
link_works_until = Der Link gilt einmal, bis { $until }, also noch { $span }. Bitte behalte ihn für dich.
own_client = Lieber im eigenen Client?
own_client_token = Dann lass den Link aus und benutze dieses Registrierungstoken:
token_preview = Es gilt bis { $until }, also noch { $span }. In drei Schritten zu deinem Konto.
trial_email = Jemand probiert die Registrierung aus: Diese E-Mail wurde in einen Ordner geschrieben und an niemanden verschickt, und das Registrierungstoken öffnet nichts.
your_token = Dein Registrierungstoken
somebody_asked = Du, oder jemand, der deine Adresse eingegeben hat, hat ein Konto auf dem Matrix-Homeserver { $homeserver } angefragt:
email_asked = Eine E-Mail von deiner Adresse hat um ein Konto auf dem Matrix-Homeserver { $homeserver } gebeten:
this_is_the_token = Das ist das Registrierungstoken dafür:
works_until = Es gilt bis { $until }, also noch { $span }. Bitte behalte es für dich.
short_way = Der kurze Weg zu deinem Konto
sign_up_page = Erstelle es auf der Registrierungsseite von { $homeserver }:
sign_up_page_filled = Erstelle es auf der Registrierungsseite von { $homeserver }, auf der Benutzername und Registrierungstoken schon ausgefüllt sind:
sign_up_page_with_name = Erstelle es auf der Registrierungsseite von { $homeserver }, auf der der Benutzername schon ausgefüllt ist:
sign_up_page_with_token = Erstelle es auf der Registrierungsseite von { $homeserver }, auf der das Registrierungstoken schon ausgefüllt ist:
create_the_account = Konto erstellen
three_steps = In drei Schritten zu deinem Konto
or_three_steps = Oder in drei Schritten
step_client = Öffne einen Client, also das Programm, mit dem du Matrix benutzt. Er muss Registrierungstoken unterstützen: Dieser hier im Browser tut das, Element Desktop auch. Element X und FluffyChat nicht; sobald du das Konto hast, kannst du auch sie benutzen.
step_client_of_page = Öffne einen Client, also das Programm, mit dem du Matrix benutzt: diesen hier im Browser, Element Desktop, Element X oder die meisten anderen. Er führt dich zur Registrierungsseite von { $homeserver }, die nach dem Registrierungstoken fragt.
step_homeserver = Wähle „Konto erstellen“. Wenn ein anderer Homeserver dasteht, wähle daneben „Bearbeiten“. Deiner ist:
step_username = Gib als Benutzernamen ein:
step_username_within = Gib als Benutzernamen ein, was zwischen @ und : steht in
step_token = Wähle ein Passwort und füge das Registrierungstoken ein, wo danach gefragt wird. Es ist kein E-Mail-Code: Wenn du nach einem gefragt wirst, kommt er in einer eigenen E-Mail.
not_you = Du hast nicht danach gefragt?
not_you_what = Dann ignoriere diese E-Mail einfach.
not_you_tell = Sag es uns, und diese Adresse bekommt nichts mehr:
expired = Token abgelaufen?
link_expired = Link abgelaufen?
expired_where = Frag mit demselben Namen und derselben Adresse noch einmal an:
expired_anywhere = Frag dort, wo du dieses angefordert hast, mit demselben Namen und derselben Adresse noch einmal an.
expired_by_email = Schreib noch einmal an { $address }, mit demselben Benutzernamen.

## Die E-Mail, mit der der Betreiber jemanden einlädt.

invitation_subject = Einladung zu { $homeserver }
invitation_heading = Du bist eingeladen
invites = Der Betreiber des Matrix-Homeservers { $homeserver } lädt dich ein, dort ein Konto zu erstellen.
invites_as = Der Betreiber des Matrix-Homeservers { $homeserver } lädt dich ein, dieses Konto zu erstellen:
invitation_note = Dazu schreibt er:
invitation_expired = Bitte die Person, die dich eingeladen hat, um einen neuen.

## E-Mails ohne Token.

request_subject = Deine Anfrage für ein Konto bei { $homeserver }
refused =
    Hallo,

    du hast per E-Mail ein Konto bei { $homeserver } angefragt, und deine E-Mail nennt dieses:

        { $name }

    { $why }
refused_without_name =
    Hallo,

    du hast per E-Mail ein Konto bei { $homeserver } angefragt.

    { $why }
write_again =
    Bitte schreib noch einmal an { $address }, mit nur einer Zeile:

    Benutzername: { $example }
names_read =
    Das steht in deiner E-Mail als Benutzername:

        { $names }
answered_by_operator =
    Hallo,

    der Betreiber von { $homeserver } hat deine E-Mail gelesen und antwortet:

    { $answer }
refused_by_operator =
    Hallo,

    du hast ein Konto bei { $homeserver } angefragt. Der Betreiber hat sich deine Anfrage angesehen und sie abgelehnt:

    { $why }
help =
    Hallo,

    du hast an die Registrierung von { $homeserver } geschrieben, und sie konnte nicht erkennen, welchen Benutzernamen du möchtest.

    { $problem }
address_is_known =
    Hallo,

    jemand, vielleicht du, hat mit deiner E-Mail-Adresse ein Konto bei { $homeserver } angefragt. Zu dieser Adresse gibt es schon ein Konto oder eine Anfrage. Deshalb wurde nichts geändert und niemandem etwas gesagt.

    Wenn du angefragt hast, weil eine E-Mail fehlt, versuch es später noch einmal mit dem Benutzernamen, den du zuerst gewählt hast. Wenn du es nicht warst, ignoriere diese E-Mail einfach.
no_longer =
    Hallo,

    du hast ein Konto bei { $homeserver } angefragt, und deine Anfrage musste warten. Sie kann nicht mehr erfüllt werden:

    { $why }
prove_subject = Bitte bestätige deine Adresse für { $homeserver }
prove_address =
    Hallo,

    du, oder jemand, der deine Adresse eingegeben hat, hat das Konto { $id } bei { $homeserver } angefragt. Bitte bestätige, dass diese Adresse dir gehört:

    { $link }

    Der Link gilt 24 Stunden. Wenn du nicht danach gefragt hast, ignoriere diese E-Mail einfach: Ohne Bestätigung passiert nichts.
form_too = Es gibt auch ein Formular: { $url }
several_names = Es sind mehrere Benutzernamen genannt.
no_name = Es ist kein Benutzername genannt.
