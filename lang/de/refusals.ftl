# Not yet read by somebody who speaks it.

closed_until = Die Registrierung ist geschlossen, während das Registrierungs-Token ersetzt wird. Sie ist wieder offen ab { $time }.
paused = Die Registrierung ist im Moment angehalten. Bitte versuchen Sie es später noch einmal.
being_updated = Die Registrierung ist geschlossen, während die Registrierungsstelle aktualisiert wird. Bitte versuchen Sie es in einigen Minuten noch einmal.
not_live_yet = Die Registrierung ist geschlossen, bis der Homeserver das neue Registrierungs-Token annimmt. Das dauert meist einige Minuten; bitte versuchen Sie es bald noch einmal.
too_many_come = Die Registrierung ist eine Zeit lang geschlossen, weil mehr Anträge eingehen als sonst. Bitte versuchen Sie es in einer Stunde noch einmal.
cross_site = Diese Anfrage kam von einer anderen Website. Bitte benutzen Sie das Formular auf dieser Seite.
form_incomplete = Das Formular ist nicht vollständig angekommen. Bitte füllen Sie beide Felder aus.
ip_banned = Anträge von Ihrer Netzwerkadresse werden hier nicht angenommen.
rate_limited = Zu viele Anträge. Bitte versuchen Sie es in { $span } noch einmal.
too_many_wait = Zu viele Anträge warten auf Bewilligung. Weitere werden erst angenommen, wenn der Betreiber entschieden hat.
too_many_wait_of_net = Zu viele Anträge aus Ihrem Netz warten auf Bewilligung. Weitere werden erst angenommen, wenn der Betreiber entschieden hat.
mailbox_waits = Ein Antrag mit dieser E-Mail-Adresse wartet schon auf Bewilligung. Ein weiterer wird erst angenommen, wenn der Betreiber entschieden hat.
email_banned = Anträge mit dieser E-Mail-Adresse werden hier nicht angenommen. Bitte verwenden Sie eine andere.
email_in_use = Mit dieser E-Mail-Adresse gibt es schon ein Konto oder einen Antrag, und jede Adresse kann nur eines haben.
email_cooldown = Wir haben vor Kurzem eine E-Mail an diese Adresse geschickt; bitte schauen Sie auch im Spam-Ordner nach. In { $span } können Sie noch einmal anfragen.
username_unavailable = Dieser Benutzername ist nicht verfügbar. Bitte wählen Sie einen anderen.
homeserver_unreachable = Der Homeserver konnte nicht gefragt werden, ob dieser Benutzername frei ist. Es ist nichts verloren; bitte versuchen Sie es in einer Minute noch einmal.
refused_because =
    Der Betreiber hat Ihren Antrag geprüft und abgelehnt:

    { $because }
refused_without_reason = Der Betreiber hat Ihren Antrag geprüft und abgelehnt.
ended_otherwise = Dieser Antrag ist beendet.
lapsed = Ihr Antrag hat zu lange auf Bewilligung gewartet und ist verfallen. Bitte fragen Sie noch einmal an.
