# Not yet read by somebody who speaks it.

token_subject = Token rejestracyjny na { $homeserver }
account_subject = Utwórz konto na { $homeserver }
account_preview = Wystarczy wybrać hasło i konto jest gotowe. Link działa do { $until }, jeszcze { $span }.
your_account = Utwórz konto
this_is_the_link = Wystarczy wybrać hasło na naszej stronie i konto jest gotowe. Potem można się na nie zalogować w dowolnym kliencie Matrix.
this_is_the_link_to_choose = Wystarczy wybrać nazwę użytkownika i hasło na naszej stronie i konto jest gotowe. Potem można się na nie zalogować w dowolnym kliencie Matrix.
link_works_until = Link działa jeden raz, do { $until }, jeszcze { $span }. Prosimy nikomu go nie przekazywać.
own_client = Wolisz własnego klienta?
own_client_token = Wtedy zamiast linku użyj tego tokenu rejestracyjnego:
token_preview = Działa do { $until }, jeszcze { $span }. Trzy kroki do konta.
trial_email = Ktoś wypróbowuje punkt rejestracji: ta wiadomość została zapisana w folderze i do nikogo nie wysłana, a token rejestracyjny niczego nie otwiera.
your_token = Twój token rejestracyjny
somebody_asked = Ktoś, może Ty, podał ten adres i poprosił o konto na serwerze domowym Matrix { $homeserver }:
email_asked = W wiadomości z tego adresu poproszono o konto na serwerze domowym Matrix { $homeserver }:
this_is_the_token = Oto token rejestracyjny do niego:
works_until = Działa do { $until }, jeszcze { $span }. Prosimy nikomu go nie przekazywać.
short_way = Krótka droga do konta
sign_up_page = Utwórz je na stronie rejestracji { $homeserver }:
sign_up_page_filled = Utwórz je na stronie rejestracji { $homeserver }, gdzie nazwa użytkownika i token rejestracyjny są już wpisane:
sign_up_page_with_name = Utwórz je na stronie rejestracji { $homeserver }, gdzie nazwa użytkownika jest już wpisana:
sign_up_page_with_token = Utwórz je na stronie rejestracji { $homeserver }, gdzie token rejestracyjny jest już wpisany:
create_the_account = Utwórz konto
three_steps = Trzy kroki do konta
or_three_steps = Albo w trzech krokach
step_client = Otwórz klienta, czyli program do korzystania z sieci Matrix. Musi obsługiwać tokeny rejestracyjne: ten w przeglądarce je obsługuje, Element Desktop też. Element X i FluffyChat nie; gdy konto już będzie, można używać także ich.
step_client_of_page = Otwórz klienta, czyli program do korzystania z sieci Matrix: ten w przeglądarce, Element Desktop, Element X albo prawie każdy inny. Zaprowadzi na stronę rejestracji { $homeserver }, gdzie trzeba podać token rejestracyjny.
step_homeserver = Wybierz „Utwórz konto”. Jeśli widać inny serwer domowy, wybierz obok niego „Edytuj”. Właściwy serwer to:
step_username = Jako nazwę użytkownika wpisz:
step_username_within = Jako nazwę użytkownika wpisz to, co stoi między @ a : w
step_token = Wybierz hasło i wklej token rejestracyjny tam, gdzie trzeba go podać. To nie jest kod z e-maila: jeśli będzie potrzebny taki kod, przyjdzie w osobnej wiadomości.
not_you = Prośba nie pochodzi od Ciebie?
not_you_what = Wystarczy zignorować tę wiadomość.
not_you_tell = Daj nam znać, a na ten adres nic więcej nie przyjdzie:
expired = Token stracił ważność?
link_expired = Link stracił ważność?
expired_where = Poproś ponownie, podając tę samą nazwę i ten sam adres:
expired_anywhere = Poproś ponownie tam, gdzie poprzednio, podając tę samą nazwę i ten sam adres.
expired_by_email = Napisz ponownie na { $address }, podając tę samą nazwę użytkownika.

invitation_subject = Zaproszenie na { $homeserver }
invitation_heading = Masz zaproszenie
invites = Administracja serwera domowego Matrix { $homeserver } zaprasza do utworzenia na nim konta.
invites_as = Administracja serwera domowego Matrix { $homeserver } zaprasza do utworzenia tego konta:
invitation_note = Wiadomość od administracji:
invitation_expired = O nowe zaproszenie można poprosić osobę, która wysłała to poprzednie.

request_subject = Prośba o konto na { $homeserver }
refused =
    Dzień dobry,

    otrzymaliśmy e-mailem prośbę o konto na { $homeserver }. W wiadomości podano nazwę:

        { $name }

    { $why }
refused_without_name =
    Dzień dobry,

    otrzymaliśmy e-mailem prośbę o konto na { $homeserver }.

    { $why }
write_again =
    Prosimy napisać ponownie na { $address }, tylko jeden wiersz:

    Nazwa użytkownika: { $example }
names_read =
    W wiadomości jako nazwę użytkownika podano:

        { $names }
answered_by_operator =
    Dzień dobry,

    administracja { $homeserver } przeczytała tę wiadomość i odpowiada:

    { $answer }
refused_by_operator =
    Dzień dobry,

    otrzymaliśmy prośbę o konto na { $homeserver }. Administracja rozpatrzyła ją i odrzuciła:

    { $why }
help =
    Dzień dobry,

    punkt rejestracji { $homeserver } otrzymał wiadomość z tego adresu, ale nie udało się zrozumieć, o jaką nazwę użytkownika chodzi.

    { $problem }
address_is_known =
    Dzień dobry,

    ktoś, może Ty, poprosił o konto na { $homeserver }, podając ten adres e-mail. Z tym adresem istnieje już konto lub prośba, więc nic się nie zmieniło i nikt się o tym nie dowiedział.

    Jeśli powodem była brakująca wiadomość, prosimy spróbować później z nazwą użytkownika wybraną za pierwszym razem. W przeciwnym razie wystarczy zignorować tę wiadomość.
no_longer =
    Dzień dobry,

    otrzymaliśmy prośbę o konto na { $homeserver }, która musiała poczekać. Nie można jej już spełnić:

    { $why }
prove_subject = Potwierdź swój adres dla { $homeserver }
prove_address =
    Dzień dobry,

    ktoś, może Ty, podał ten adres i poprosił o konto { $id } na { $homeserver }. Prosimy potwierdzić, że to Twój adres:

    { $link }

    Link działa przez 24 godziny. Jeśli prośba nie pochodzi od Ciebie, wystarczy zignorować tę wiadomość: bez potwierdzenia prośba nigdzie nie trafi.
form_too = Jest też formularz: { $url }
several_names = Podano kilka nazw użytkownika.
no_name = Nie podano nazwy użytkownika.
