# Not yet read by somebody who speaks it.

email_missing = Prosimy podać adres e-mail.
email_shape = To nie jest adres e-mail. Powinien wyglądać tak: name@example.org.
email_local_part = Część adresu przed @ może zawierać tylko zwykłe litery (a–z), cyfry i znaki. Prosimy podać inny adres.
email_character = W tym adresie e-mail jest znak, z którym nie da się wysłać wiadomości. Prosimy sprawdzić adres.
email_too_long = Ten adres e-mail jest zbyt długi, żeby mógł istnieć. Prosimy go sprawdzić.
email_literal = Prosimy podać adres, który po @ ma nazwę domeny, a nie adres IP.
email_unseen = W tym adresie e-mail jest niewidoczny znak ({ $which }). Prosimy wpisać adres ręcznie.
email_route = Ten adres e-mail wskazuje drogę w inne miejsce (%, ! lub @…:). Prosimy podać zwykły adres.
email_cannot_receive = W tej domenie nikt nie może odbierać poczty. Prosimy sprawdzić adres.
did_you_mean = Czy chodziło o { $meant }? Jeśli { $typed } to dobry adres, wyślij go ponownie.
yes_this_address = Tak, { $address }
no_this_address = Nie, dobry adres to { $address }
email_domain = Część po @ nie jest nazwą domeny. Prosimy sprawdzić adres.
username_missing = Prosimy wybrać nazwę użytkownika.
username_elsewhere = Konta tworzone tutaj kończą się na :{ $server }. Prosimy wpisać tylko część przed dwukropkiem.
username_character = W nazwie użytkownika niedozwolone jest: { $shown }. Prosimy używać tylko a–z, 0–9 i znaków . _ = - / +
username_too_long = Ta nazwa użytkownika jest za długa. Największa liczba znaków: { $most }.
answer_missing = Prosimy odpowiedzieć na pytanie: { $question }
answer_too_short = Za krótka odpowiedź. Najmniejsza liczba znaków: { $least }.
answer_too_long = Za długa odpowiedź. Największa liczba znaków: { $most }.
terms_not_agreed = Prosimy przeczytać warunki i zaznaczyć, że są akceptowane.
a_space = spacja
unseen_character = niewidoczny znak ({ $which })
a_character = „{ $character }”
