# Not yet read by somebody who speaks it.

email_missing = Zadejte prosím svou e-mailovou adresu.
email_shape = Toto není e-mailová adresa. Měla by vypadat takto: name@example.org.
email_local_part = Část adresy před @ může obsahovat jen základní písmena (a–z), číslice a znaky. Použijte prosím jinou adresu.
email_character = V této e-mailové adrese je znak, se kterým nelze e-mail poslat. Zkontrolujte ji prosím.
email_too_long = Tato e-mailová adresa je příliš dlouhá, než aby mohla existovat. Zkontrolujte ji prosím.
email_literal = Zadejte prosím adresu, která má za @ název domény, ne IP adresu.
email_unseen = V této e-mailové adrese je neviditelný znak ({ $which }). Napište ji prosím ručně.
email_route = Tato e-mailová adresa udává cestu jinam (%, ! nebo @…:). Zadejte prosím prostou adresu.
email_cannot_receive = Na této doméně nemůže nikdo přijímat e-maily. Zkontrolujte prosím adresu.
did_you_mean = Neměli jste na mysli { $meant }? Pokud je { $typed } správně, odešlete ji znovu.
yes_this_address = Ano, { $address }
no_this_address = Ne, správně je { $address }
email_domain = Část za @ není název domény. Zkontrolujte prosím adresu.
username_missing = Zvolte si prosím uživatelské jméno.
username_elsewhere = Účty vytvořené zde končí na :{ $server }. Napište prosím jen část před dvojtečkou.
username_character = V uživatelském jménu není dovoleno: { $shown }. Použijte prosím jen a–z, 0–9 a znaky . _ = - / +
username_too_long = Toto uživatelské jméno je příliš dlouhé. Může mít nejvýše { $most } znaků.
answer_missing = Odpovězte prosím na otázku: { $question }
answer_too_short = Odpověď je příliš krátká. Nejmenší počet znaků: { $least }.
answer_too_long = Odpověď je příliš dlouhá. Největší počet znaků: { $most }.
terms_not_agreed = Přečtěte si prosím podmínky a zaškrtněte, že je přijímáte.
a_space = mezera
unseen_character = neviditelný znak ({ $which })
a_character = „{ $character }“
