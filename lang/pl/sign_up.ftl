<<<<<<< HEAD
# pl: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Utwórz konto na { $homeserver }
sign_up_heading = Utwórz konto
sign_up_heading_for = Utwórz konto { $mxid }
sign_up_what = Wystarczy wybrać hasło i konto jest gotowe. Można się na nie zalogować w dowolnym kliencie Matrix.
sign_up_password = Hasło
sign_up_password_hint = Długie i nieużywane nigdzie indziej. Warto zapisać je w menedżerze haseł.
sign_up_show = Pokaż hasło
sign_up_hide = Ukryj hasło
sign_up_username = Nazwa użytkownika
sign_up_agree = Akceptuję: { $policy }
sign_up_button = Utwórz konto
sign_up_working = Tworzenie konta…
sign_up_in_line = Serwer domowy tworzy konta pojedynczo. Trwa oczekiwanie w kolejce; prosimy nie zamykać tej strony.
sign_up_name_taken = Tę nazwę ma już ktoś inny. Prosimy wybrać inną.
sign_up_perhaps_yours = Ta nazwa jest zajęta, może przez Twoje własne konto: jeśli ten formularz był już wysłany, prosimy wpisać to samo hasło co wtedy.
sign_up_no_password = Prosimy wybrać hasło.
sign_up_weak = Serwer domowy wymaga lepszego hasła: { $words }
sign_up_terms_missing = Prosimy najpierw zaakceptować warunki.
sign_up_refused = Nie można tu utworzyć konta.
sign_up_waits = Serwer domowy tworzy naraz tylko ograniczoną liczbę kont. Nic nie przepadło: prosimy spróbować za { $span } z tym samym hasłem.
sign_up_unreachable = Serwer domowy nie odpowiedział. Nic nie przepadło: prosimy spróbować za minutę z tym samym hasłem.
sign_up_expired = Ten link już nie działa
sign_up_expired_what = Stracił ważność albo zastąpił go nowszy e-mail. Prosimy poszukać nowszej wiadomości albo wysłać prośbę ponownie.
sign_up_used = Ten link został już użyty
sign_up_used_what = Konto { $mxid } zostało utworzone. Można się na nie zalogować w dowolnym kliencie Matrix wybranym hasłem.
sign_up_created = Konto jest gotowe
sign_up_created_message = Konto { $mxid } jest gotowe.
sign_up_trial = Podczas próby konta nie są tworzone. W prawdziwym punkcie rejestracji konto byłoby już gotowe.
sign_up_id = Twój identyfikator Matrix
sign_up_server = Serwer domowy
sign_up_copy = Kopiuj
sign_up_copied = Skopiowano
sign_up_get_in = Zaloguj się
sign_up_get_in_how = Otwórz klienta, jako serwer domowy wybierz { $homeserver } i zaloguj się swoją nazwą użytkownika i hasłem.
sign_up_phone = Na telefonie
sign_up_phone_how = Zainstaluj Element X i zeskanuj ten kod: aplikacja otworzy się z wpisanym już serwerem domowym.
sign_up_qr = Kod QR do aplikacji Element X na telefonie
sign_up_room = Przywitaj się
sign_up_room_how = Pokój powitalny to { $room }.
>>>>>>> tr
