# Not yet read by somebody who speaks it.

desk_of = Punkt rejestracji { $homeserver }
language = Język
trial = Próba
trial_suffix = (próba)
this_is_a_trial = To jest próba.
no_mail = E-maile nie są jeszcze wysyłane.
no_mail_yet = Administracja tego serwera nie skonfigurowała jeszcze poczty, więc żadna odpowiedź stąd nie dotrze. Prosimy wrócić później.
trial_sends_nothing = Serwer domowy nie jest pytany i nie są wysyłane e-maile: są zapisywane w { $folder }.
trial_answer = To jest próba: e-maile nie są wysyłane, są zapisywane w trial/outbox/. { $answer }

form_title = Konto na { $homeserver }
form_title_refused = Nie wysłano: konto na { $homeserver }
get_an_account = Załóż konto na { $homeserver }
what_this_is = { $homeserver } to dom dla kont w sieci Matrix, otwartej sieci do wiadomości i rozmów. Z kontem tutaj można rozmawiać z ludźmi na każdym innym serwerze Matrix, tak jak w poczcie e-mail.
open_until = Rejestracja jest otwarta do { $time }.
open = Rejestracja jest otwarta.
closes_in = Zamknięcie za { $span }
opens_in = Ponowne otwarcie za { $span }
your_time = { $text }, o { $time } Twojego czasu
error = Błąd:
username = Nazwa użytkownika
username_hint = Litery a–z, cyfry oraz { $signs }
your_matrix_id = Twój identyfikator Matrix: { $id }
any_name = nazwa
email_address = Adres e-mail
email_hint = Na ten adres wyślemy token rejestracyjny.
link_hint = Na ten adres wyślemy link.
send_me_a_link = Wyślij mi link
link_within_minutes = W ciągu kilku minut przyjdzie e-mail z linkiem do utworzenia konta.
link_once_approved = Gdy prośba zostanie zatwierdzona, przyjdzie e-mail z linkiem do utworzenia konta.
create_by_link = Wystarczy otworzyć link i wybrać hasło: konto jest gotowe i można się na nie zalogować w dowolnym kliencie Matrix.
link_works_for = Link działa { $span }.
approved_by_hand = Każde konto zatwierdza tu administracja, więc na e-mail trzeba będzie może trochę poczekać.
question_to_answer = Jest jedno pytanie, na które trzeba odpowiedzieć.
i_agree = Znam i akceptuję { $terms }.
the_terms = warunki
read_the_terms = Przeczytaj warunki
at_least = Co najmniej { $least } znaków
ask_for_account = Poproś o konto
send_me_a_token = Wyślij mi token rejestracyjny
sending = Wysyłanie…
field_sent_twice = To pole wysłano więcej niż raz.

how_it_works = Jak to działa
ask_here = Poproś tutaj
ask_here_how = Wybierz nazwę użytkownika i podaj adres e-mail, do którego masz dostęp.
check_your_email = Sprawdź pocztę
email_within_minutes = W ciągu kilku minut przyjdzie e-mail z tokenem rejestracyjnym, czyli kodem, który pozwala się zarejestrować.
email_once_approved = Gdy prośba zostanie zatwierdzona, przyjdzie e-mail z tokenem rejestracyjnym, czyli kodem, który pozwala się zarejestrować.
create_your_account = Utwórz konto
create_how = Otwórz klienta, który obsługuje tokeny rejestracyjne: { $client } w przeglądarce je obsługuje, Element Desktop też; Element X i FluffyChat nie. Jako serwer domowy wybierz { $homeserver } i wpisz nazwę użytkownika, hasło oraz token rejestracyjny. W e-mailu jest opisane, jak to zrobić.
create_on_page = Strona rejestracji { $homeserver } to { $page }: wpisz tam nazwę użytkownika, hasło i token rejestracyjny. Element X i większość innych klientów też tam prowadzą. W e-mailu jest opisane, jak to zrobić.
create_by_client = Otwórz klienta, na przykład { $client } w przeglądarce, Element Desktop lub Element X, i jako serwer domowy wybierz { $homeserver }: klient zaprowadzi na stronę rejestracji { $homeserver }, gdzie trzeba wpisać nazwę użytkownika, hasło i token rejestracyjny. W e-mailu jest opisane, jak to zrobić.
token_works_for = Token rejestracyjny działa { $span }.
token_works_until_daily = Token rejestracyjny działa do swojej zmiany, codziennie o { $time }.

privacy = Co jest przechowywane
privacy_kept = Nazwa użytkownika, adres e-mail i adres sieciowy są przechowywane, aby rozpatrzyć prośbę i nie dopuszczać osób, które proszą o konta za innych.
privacy_answer = Odpowiedź również.
privacy_ip = Adres sieciowy jest w połowie tego czasu skracany, a po { $days } dniach usuwany.
privacy_ip_at_once = Adres sieciowy jest usuwany po { $days } dniach.
privacy_refused = Odrzucone prośby są usuwane po { $days } dniach.
privacy_answers = Odpowiedzi są usuwane po { $days } dniach.
privacy_addresses = Adresy e-mail są usuwane po { $days } dniach; pozostaje znacznik, z którego nie da się odczytać adresu, aby na każdy adres przypadało jedno konto.
privacy_ask = Można zapytać administrację, jakie dane są przechowywane, i poprosić o ich usunięcie.

waiting_for_approval = Oczekuje na zatwierdzenie
held = Prośba o { $mxid } czeka na decyzję administracji { $homeserver }. Gdy zostanie zatwierdzona, wyślemy token rejestracyjny na { $email }.
on_its_way = Token rejestracyjny dla { $mxid } jest w drodze na { $email }.
queued = Token rejestracyjny dla { $mxid } wyślemy na { $email }.
held_link = Prośba o { $mxid } czeka na decyzję administracji { $homeserver }. Gdy zostanie zatwierdzona, wyślemy link na { $email }.
link_on_its_way = Link do utworzenia { $mxid } jest w drodze na { $email }.
link_queued = Link do utworzenia { $mxid } wyślemy na { $email }.
email_queued_what = Może to trochę potrwać; nie trzeba prosić ponownie.
email_from = Nadawca wiadomości:
email_subject = temat:
email_from_with_subject = Nadawca wiadomości: { $sender }, temat: „{ $subject }”.
wait_how_long = Ile to potrwa, zależy od administracji. Nie trzeba nic robić ani prosić ponownie.
trial_email_is_in = Podczas tej próby leży w { $folder } na komputerze, na którym działa punkt rejestracji.
there_within_minutes = Powinien dotrzeć w ciągu kilku minut.
check_spam = Jeśli go nie widać, warto sprawdzić folder ze spamem.
did_not_get_it = E-mail nie dotarł?
again_at_any_time = W każdej chwili można poprosić ponownie, podając tę samą nazwę użytkownika i adres: przyjdzie nowy e-mail.
again_later = Później można poprosić ponownie, podając tę samą nazwę użytkownika i adres: przyjdzie nowy e-mail.
again_after = Po { $time } (za { $span }) można poprosić ponownie, podając tę samą nazwę użytkownika i adres: przyjdzie nowy e-mail.
back_to_sign_up = Wróć do rejestracji

sending_email = Wysyłamy e-mail
email_goes_to = E-mail dla { $mxid } zaraz zostanie wysłany na { $email }.
email_went_to = E-mail dla { $mxid } został wysłany na { $email }.
email_failed = E-mail nie dotarł
email_did_not_go_to = E-maila dla { $mxid } nie udało się dostarczyć na { $email }.
no_such_mailbox = Serwer pocztowy informuje, że nie ma takiej skrzynki. Może w adresie jest literówka?
no_mail_there = Serwer pocztowy informuje, że nie można tam dostarczyć poczty. Może w adresie jest literówka?
mailbox_full = Serwer pocztowy informuje, że skrzynka jest pełna.
mail_server_refused = Serwer pocztowy nie przyjął wiadomości.
email_not_sent = Nie udało się wysłać wiadomości.
account_created = Konto jest gotowe
account_is_there = { $mxid } należy do Ciebie: zaloguj się w dowolnej aplikacji Matrix.
request_ended = Ta prośba jest zakończona
request_was_for = Dotyczyła { $mxid }.
none_before = Twoja prośba będzie rozpatrzona jako następna.
one_before = Przed Twoją jest jedna prośba.
many_before =
    { $count ->
        [one] Przed Twoją jest { $count } prośba.
        [few] Przed Twoją są { $count } prośby.
        [many] Przed Twoją jest { $count } próśb.
       *[other] Przed Twoją jest { $count } prośby.
    }
step_asked = Prośba otrzymana
step_to_send = E-mail w drodze
step_sent = E-mail wysłany
step_failed = E-mail odrzucony przez serwer pocztowy
step_opened = Link otwarty
step_account = Utwórz konto
step_created = Konto utworzone
wrong_address = Zły adres?
another_name = Inna nazwa?
correct_it = Popraw
correct_what = Wyślemy nowy e-mail; poprzedni przestanie działać.
renews_itself = Ta strona odświeża się sama.
stop_renewing = Zatrzymaj odświeżanie, aby poprawić prośbę.
back_to_receipt = Wróć do prośby

not_you_title = To nie Ty?
somebody_wanted = Ktoś poprosił o konto { $mxid }, podając adres { $email }.
somebody_wrote = Ktoś napisał do punktu rejestracji { $homeserver } z adresu { $email }.
not_me_what = Jeśli to ktoś inny, daj nam znać: prośba zostanie zakończona, a na ten adres nie przyjdą stąd żadne kolejne e-maile.
not_me = To nie ja
not_me_done = Dziękujemy za informację
not_me_nothing_more = Prośba została zakończona, a na { $email } nie przyjdą stąd żadne kolejne e-maile.
not_me_account = Za pomocą tego e-maila utworzono już konto. Prosimy powiadomić administrację { $homeserver }.

in_the_queue = Prośba jest w kolejce
queued_for = Dzisiejsze konta zostały już rozdane. Prośba o { $mxid } ma w kolejce numer { $place }; kolejne konta są rozdawane codziennie o { $time }. Gdy przyjdzie jej kolej, napiszemy na { $email }.
queue_how_long = Nie trzeba nic robić ani prosić ponownie.
prove_first = Prośba o { $mxid } została zapisana. Wysłaliśmy link na { $email }: trzeba go otworzyć w ciągu 24 godzin, aby potwierdzić adres. Potem prośba trafi do administracji { $homeserver }.
open_and_confirm = Otwórz e-mail i potwierdź adres

confirm_address = Potwierdź swój adres
confirm_question = Ktoś poprosił o konto { $id }, podając Twój adres e-mail. Jeśli to Ty, potwierdź, a prośba zostanie przekazana dalej. Jeśli nie, wystarczy zamknąć tę stronę.
confirm = Potwierdź mój adres
address_confirmed = Adres potwierdzony
confirmed_and_waits = Dziękujemy. Prośba o { $id } czeka na decyzję administracji { $homeserver }. Gdy zostanie zatwierdzona, wyślemy e-mail.
confirmed_and_queued = Dziękujemy. Dzisiejsze konta zostały już rozdane, więc prośba o { $id } jest w kolejce. Gdy przyjdzie jej kolej, wyślemy e-mail.
confirmed_and_accepted = Dziękujemy. Prośba o { $id } została przyjęta, a e-mail jest w drodze.
cannot_go_on = Nie można kontynuować tej prośby
link_over = Ten link już nie działa
link_over_what = Został już użyty albo jego prośba jest zakończona. Jeśli konto jest nadal potrzebne, prosimy poprosić o nie ponownie.

error_status = Błąd { $status }
unreadable = Nie udało się odczytać
unreadable_what = Przeglądarka wysłała coś, czego ten punkt rejestracji nie rozumie.
forbidden = Niedozwolone
forbidden_what = Ten punkt rejestracji na to nie pozwala.
not_found = Nie znaleziono strony
not_found_what = Pod tym adresem nie ma strony.
wrong_method = Tutaj to niemożliwe
wrong_method_what = Tego adresu nie można użyć w ten sposób.
too_slow = Za wolno
too_slow_what = Żądanie docierało zbyt długo. Prosimy spróbować ponownie.
too_large = Za dużo danych
too_large_body = Przeglądarka wysłała więcej, niż ten punkt rejestracji przyjmuje. Prosimy użyć formularza na jego stronie.
too_large_head = Przeglądarka wysłała o sobie więcej, niż ten punkt rejestracji przyjmuje. Może pomóc usunięcie plików cookie.
wrong_type = Zły format
wrong_type_what = Ten punkt rejestracji przyjmuje tylko to, co wysyła jego własny formularz. Prosimy użyć formularza na jego stronie.
http_version = Nieobsługiwana wersja HTTP
http_version_what = Przeglądarka używa odmiany HTTP, której ten punkt rejestracji nie obsługuje.
not_now = Nie teraz
not_now_what = Punkt rejestracji nie może w tej chwili odpowiedzieć. Prosimy spróbować za minutę.
our_fault = Coś poszło nie tak
our_fault_what = To wina punktu rejestracji, nie Twoja. Prosimy spróbować za minutę.
other_error = Nie udało się
other_error_what = Prosimy spróbować ponownie ze strony rejestracji.
