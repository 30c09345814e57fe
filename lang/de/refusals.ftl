# Not yet read by a native speaker.

### Was bei einer Ablehnung gesagt wird.

closed_until = Die Registrierung ist geschlossen, während das Registrierungstoken ersetzt wird. Sie öffnet wieder um { $time }.
paused = Die Registrierung ist zurzeit unterbrochen. Bitte versuch es später noch einmal.
being_updated = Die Registrierung ist wegen einer Aktualisierung geschlossen. Bitte versuch es in ein paar Minuten noch einmal.
not_live_yet = Die Registrierung ist geschlossen, bis der Homeserver das neue Registrierungstoken annimmt. Das dauert meist nur ein paar Minuten; bitte versuch es bald noch einmal.
too_many_come = Die Registrierung ist für eine Weile geschlossen, weil mehr Anfragen als gewöhnlich eingehen. Bitte versuch es in einer Stunde noch einmal.
cross_site = Diese Anfrage kam von einer anderen Website. Bitte benutze das Formular auf dieser Seite.
form_incomplete = Das Formular kam nicht vollständig an. Bitte fülle beide Felder aus.
ip_banned = Anfragen von deiner IP-Adresse werden hier nicht angenommen.
rate_limited = Zu viele Anfragen. Bitte versuch es in { $span } noch einmal.
too_many_wait = Zu viele Anfragen warten auf Genehmigung. Weitere können erst angenommen werden, wenn der Betreiber entschieden hat.
too_many_wait_of_net = Zu viele Anfragen aus deinem Netz warten auf Genehmigung. Weitere können erst angenommen werden, wenn der Betreiber entschieden hat.
mailbox_waits = Eine Anfrage mit dieser E-Mail-Adresse wartet schon auf Genehmigung. Eine weitere kann erst angenommen werden, wenn der Betreiber entschieden hat.
email_banned = Anfragen mit dieser E-Mail-Adresse werden hier nicht angenommen. Bitte nimm eine andere.
email_in_use = Zu dieser E-Mail-Adresse gibt es schon ein Konto oder eine Anfrage, und jede Adresse kann nur eines haben.
email_cooldown = Wir haben vor Kurzem eine E-Mail an diese Adresse geschickt; sieh bitte auch im Spam-Ordner nach. In { $span } kannst du noch einmal anfragen.
username_unavailable = Dieser Benutzername ist nicht verfügbar. Bitte wähle einen anderen.
homeserver_unreachable = Der Homeserver konnte nicht gefragt werden, ob dieser Benutzername frei ist. Nichts ist verloren; bitte versuch es in einer Minute noch einmal.
refused_because =
    Der Betreiber hat sich deine Anfrage angesehen und sie abgelehnt:

    { $because }
refused_without_reason = Der Betreiber hat sich deine Anfrage angesehen und sie abgelehnt.
ended_otherwise = Diese Anfrage ist beendet.
lapsed = Deine Anfrage hat zu lange auf Genehmigung gewartet und ist verfallen. Bitte frag noch einmal an.
