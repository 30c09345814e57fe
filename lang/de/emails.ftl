# Not yet read by somebody who speaks it.

token_subject = Ihr Registrierungs-Token für { $homeserver }
account_subject = Erstellen Sie Ihr Konto auf { $homeserver }
account_preview = Wählen Sie ein Passwort, und Ihr Konto ist bereit. Der Link gilt bis { $until }, also noch { $span }.
your_account = Ihr Konto erstellen
this_is_the_link = Wählen Sie auf unserer Seite ein Passwort, und das Konto ist bereit. Danach können Sie sich damit in jedem Matrix-Client anmelden.
this_is_the_link_to_choose = Wählen Sie auf unserer Seite einen Benutzernamen und ein Passwort, und das Konto ist bereit. Danach können Sie sich damit in jedem Matrix-Client anmelden.
link_works_until = Der Link funktioniert einmal, und zwar bis { $until }, also noch { $span }. Bitte geben Sie ihn nicht weiter.
own_client = Lieber mit Ihrem eigenen Client?
own_client_token = Dann brauchen Sie den Link nicht. Verwenden Sie dieses Registrierungs-Token:
token_preview = Es gilt bis { $until }, also noch { $span }. Drei Schritte zu Ihrem Konto.
trial_email = Jemand probiert die Registrierungsstelle aus: Diese E-Mail wurde in einen Ordner geschrieben und niemandem geschickt, und mit dem Registrierungs-Token lässt sich kein Konto erstellen.
your_token = Ihr Registrierungs-Token
somebody_asked = Sie oder jemand, der Ihre Adresse eingegeben hat, haben ein Konto auf dem Matrix-Homeserver { $homeserver } beantragt:
email_asked = Mit einer E-Mail von Ihrer Adresse wurde ein Konto auf dem Matrix-Homeserver { $homeserver } beantragt:
this_is_the_token = Dies ist das Registrierungs-Token dafür:
works_until = Es gilt bis { $until }, also noch { $span }. Bitte geben Sie es nicht weiter.
short_way = Der kurze Weg zu Ihrem Konto
sign_up_page = Erstellen Sie es auf der Registrierungsseite von { $homeserver }:
sign_up_page_filled = Erstellen Sie es auf der Registrierungsseite von { $homeserver }, wo Benutzername und Registrierungs-Token schon eingetragen sind:
sign_up_page_with_name = Erstellen Sie es auf der Registrierungsseite von { $homeserver }, wo der Benutzername schon eingetragen ist:
sign_up_page_with_token = Erstellen Sie es auf der Registrierungsseite von { $homeserver }, wo das Registrierungs-Token schon eingetragen ist:
create_the_account = Konto erstellen
three_steps = Drei Schritte zu Ihrem Konto
or_three_steps = Oder in drei Schritten
step_client = Öffnen Sie einen Client, also das Programm, mit dem Sie Matrix nutzen. Er muss Registrierungs-Token unterstützen: Dieser hier im Webbrowser kann das, Element Desktop auch. Element X und FluffyChat können es nicht; sobald Sie das Konto haben, können Sie aber auch diese nutzen.
step_client_of_page = Öffnen Sie einen Client, also das Programm, mit dem Sie Matrix nutzen: diesen hier im Webbrowser, Element Desktop, Element X oder die meisten anderen. Er führt Sie zur Registrierungsseite von { $homeserver }, wo nach dem Registrierungs-Token gefragt wird.
step_homeserver = Wählen Sie „Konto erstellen“. Wenn dort ein anderer Homeserver steht, wählen Sie daneben „Bearbeiten“. Ihrer ist:
step_username = Geben Sie als Benutzernamen ein:
step_username_within = Geben Sie als Benutzernamen ein, was zwischen @ und : steht in
step_token = Wählen Sie ein Passwort, und fügen Sie das Registrierungs-Token dort ein, wo danach gefragt wird. Es ist kein E-Mail-Code: Falls Sie nach einem gefragt werden, kommt er in einer eigenen E-Mail.
not_you = Sie haben das nicht beantragt?
not_you_what = Dann ignorieren Sie diese E-Mail einfach.
not_you_tell = Sagen Sie es uns, dann bekommt diese Adresse nichts mehr:
expired = Token abgelaufen?
link_expired = Link abgelaufen?
expired_where = Fragen Sie mit demselben Namen und derselben Adresse noch einmal an:
expired_anywhere = Fragen Sie dort, wo Sie dieses beantragt haben, mit demselben Namen und derselben Adresse noch einmal an.
expired_by_email = Schreiben Sie noch einmal an { $address }, mit demselben Benutzernamen.

invitation_subject = Sie sind zu { $homeserver } eingeladen
invitation_heading = Sie sind eingeladen
invites = Der Betreiber des Matrix-Homeservers { $homeserver } lädt Sie ein, dort ein Konto zu erstellen.
invites_as = Der Betreiber des Matrix-Homeservers { $homeserver } lädt Sie ein, dieses Konto zu erstellen:
invitation_note = Dazu schreibt er:
invitation_expired = Bitten Sie die Person, die Sie eingeladen hat, um eine neue Einladung.

request_subject = Ihr Antrag auf ein Konto auf { $homeserver }
refused =
    Guten Tag,

    Sie haben per E-Mail ein Konto auf { $homeserver } beantragt, und zwar dieses:

        { $name }

    { $why }
refused_without_name =
    Guten Tag,

    Sie haben per E-Mail ein Konto auf { $homeserver } beantragt.

    { $why }
write_again =
    Bitte schreiben Sie noch einmal an { $address }, mit nur einer Zeile:

    Benutzername: { $example }
names_read =
    Das steht in Ihrer E-Mail als Benutzername:

        { $names }
answered_by_operator =
    Guten Tag,

    der Betreiber von { $homeserver } hat Ihre E-Mail gelesen und antwortet:

    { $answer }
refused_by_operator =
    Guten Tag,

    Sie haben ein Konto auf { $homeserver } beantragt. Der Betreiber hat Ihren Antrag geprüft und abgelehnt:

    { $why }
help =
    Guten Tag,

    Sie haben an die Registrierungsstelle von { $homeserver } geschrieben, und es war nicht zu erkennen, welchen Benutzernamen Sie möchten.

    { $problem }
address_is_known =
    Guten Tag,

    jemand, vielleicht Sie selbst, hat mit Ihrer E-Mail-Adresse ein Konto auf { $homeserver } beantragt. Mit dieser Adresse gibt es schon ein Konto oder einen Antrag. Deshalb wurde nichts geändert und niemand benachrichtigt.

    Wenn Sie angefragt haben, weil eine E-Mail fehlt, versuchen Sie es später noch einmal mit dem Benutzernamen, den Sie zuerst gewählt haben. Wenn Sie es nicht waren, ignorieren Sie diese E-Mail einfach.
no_longer =
    Guten Tag,

    Sie haben ein Konto auf { $homeserver } beantragt, und Ihr Antrag musste warten. Er kann nicht mehr bewilligt werden:

    { $why }
prove_subject = Bitte bestätigen Sie Ihre Adresse für { $homeserver }
prove_address =
    Guten Tag,

    Sie oder jemand, der Ihre Adresse eingegeben hat, haben das Konto { $id } auf { $homeserver } beantragt. Bitte bestätigen Sie, dass diese Adresse Ihnen gehört:

    { $link }

    Der Link funktioniert 24 Stunden lang. Wenn Sie das nicht beantragt haben, ignorieren Sie diese E-Mail einfach: Ohne Bestätigung wird der Antrag nicht bearbeitet.
form_too = Es gibt auch ein Formular: { $url }
several_names = Es sind mehrere Benutzernamen angegeben.
no_name = Es ist kein Benutzername angegeben.
