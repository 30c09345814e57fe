# Not yet read by somebody who speaks it.

closed_until = Rejestracja jest zamknięta na czas wymiany tokenu rejestracyjnego. Zostanie ponownie otwarta o { $time }.
paused = Rejestracja jest obecnie wstrzymana. Prosimy spróbować później.
being_updated = Rejestracja jest zamknięta na czas aktualizacji. Prosimy spróbować za kilka minut.
not_live_yet = Rejestracja jest zamknięta, dopóki serwer domowy nie przyjmie nowego tokenu rejestracyjnego. Zwykle trwa to kilka minut; prosimy spróbować niebawem.
too_many_come = Rejestracja jest na jakiś czas zamknięta, bo przychodzi więcej próśb niż zwykle. Prosimy spróbować za godzinę.
cross_site = To żądanie przyszło z innej strony internetowej. Prosimy użyć formularza na tej stronie.
form_incomplete = Formularz nie dotarł w całości. Prosimy wypełnić oba pola.
ip_banned = Prośby z tego adresu sieciowego nie są tu przyjmowane.
rate_limited = Zbyt wiele próśb. Prosimy spróbować za { $span }.
too_many_wait = Zbyt wiele próśb czeka na zatwierdzenie. Kolejnych nie można przyjąć, dopóki administracja nie podejmie decyzji.
too_many_wait_of_net = Zbyt wiele próśb z tej sieci czeka na zatwierdzenie. Kolejnych nie można przyjąć, dopóki administracja nie podejmie decyzji.
mailbox_waits = Prośba z tym adresem e-mail już czeka na zatwierdzenie. Kolejnej nie można przyjąć, dopóki administracja nie podejmie decyzji.
email_banned = Prośby z tym adresem e-mail nie są tu przyjmowane. Prosimy podać inny.
email_in_use = Z tym adresem e-mail istnieje już konto lub prośba, a na każdy adres może przypadać tylko jedno konto.
email_cooldown = Niedawno wysłaliśmy już e-mail na ten adres; warto sprawdzić też folder ze spamem. Ponownie można poprosić za { $span }.
username_unavailable = Ta nazwa użytkownika jest niedostępna. Prosimy wybrać inną.
homeserver_unreachable = Nie udało się zapytać serwera domowego, czy ta nazwa użytkownika jest wolna. Nic nie przepadło; prosimy spróbować za minutę.
refused_because =
    Administracja rozpatrzyła prośbę i odrzuciła ją:

    { $because }
refused_without_reason = Administracja rozpatrzyła prośbę i odrzuciła ją.
ended_otherwise = Ta prośba jest zakończona.
lapsed = Prośba zbyt długo czekała na zatwierdzenie i wygasła. Prosimy wysłać ją ponownie.
