# Not yet read by somebody who speaks it.

token_subject = Váš registrační token pro { $homeserver }
account_subject = Vytvořte si účet na { $homeserver }
account_preview = Zvolte si heslo a účet je hotový. Odkaz platí do { $until }, ještě { $span }.
your_account = Vytvořte si účet
this_is_the_link = Zvolte si heslo na naší stránce a účet je hotový. Pak se s ním přihlaste v libovolném klientovi Matrix.
this_is_the_link_to_choose = Zvolte si uživatelské jméno a heslo na naší stránce a účet je hotový. Pak se s ním přihlaste v libovolném klientovi Matrix.
link_works_until = Odkaz funguje jednou, do { $until }, ještě { $span }. Nikomu ho prosím nedávejte.
own_client = Máte raději vlastního klienta?
own_client_token = Pak místo odkazu použijte tento registrační token:
token_preview = Platí do { $until }, ještě { $span }. Tři kroky k účtu.
trial_email = Někdo zkouší registraci: tento e-mail byl zapsán do složky a nikomu odeslán nebyl a registrační token nic neotevírá.
your_token = Váš registrační token
somebody_asked = Vy, nebo někdo, kdo zadal vaši adresu, jste požádali o účet na domovském serveru Matrix { $homeserver }:
email_asked = E-mailem z vaší adresy bylo požádáno o účet na domovském serveru Matrix { $homeserver }:
this_is_the_token = Toto je registrační token k němu:
works_until = Platí do { $until }, ještě { $span }. Nikomu ho prosím nedávejte.
short_way = Krátká cesta k účtu
sign_up_page = Vytvořte si ho na registrační stránce { $homeserver }:
sign_up_page_filled = Vytvořte si ho na registrační stránce { $homeserver }, kde je uživatelské jméno i registrační token už vyplněn:
sign_up_page_with_name = Vytvořte si ho na registrační stránce { $homeserver }, kde je uživatelské jméno už vyplněné:
sign_up_page_with_token = Vytvořte si ho na registrační stránce { $homeserver }, kde je registrační token už vyplněný:
create_the_account = Vytvořit účet
three_steps = Tři kroky k účtu
or_three_steps = Nebo ve třech krocích
step_client = Otevřete klienta, tedy program, ve kterém se Matrix používá. Musí podporovat registrační tokeny: tento v prohlížeči je podporuje a Element Desktop také. Element X a FluffyChat ne; až účet budete mít, můžete používat i je.
step_client_of_page = Otevřete klienta, tedy program, ve kterém se Matrix používá: tento v prohlížeči, Element Desktop, Element X nebo většinu ostatních. Dovede vás na registrační stránku { $homeserver }, kde se zadává registrační token.
step_homeserver = Zvolte „Vytvořit účet“. Je-li uveden jiný domovský server, zvolte vedle něj „Upravit“. Váš je:
step_username = Jako uživatelské jméno zadejte:
step_username_within = Jako uživatelské jméno zadejte to, co stojí mezi @ a : v
step_token = Zvolte si heslo a vložte registrační token tam, kde se zadává. Není to kód z e-mailu: bude-li potřeba takový kód, přijde v samostatném e-mailu.
not_you = Nežádali jste o to?
not_you_what = Tento e-mail prostě ignorujte.
not_you_tell = Dejte nám vědět a na tuto adresu už nic nepřijde:
expired = Token už neplatí?
link_expired = Odkaz už neplatí?
expired_where = Požádejte znovu se stejným jménem a adresou:
expired_anywhere = Požádejte znovu tam, kde poprvé, se stejným jménem a adresou.
expired_by_email = Napište znovu na { $address } se stejným uživatelským jménem.

invitation_subject = Pozvánka na { $homeserver }
invitation_heading = Máte pozvánku
invites = Správa domovského serveru Matrix { $homeserver } vás zve, abyste si tam vytvořili účet.
invites_as = Správa domovského serveru Matrix { $homeserver } vás zve, abyste si vytvořili tento účet:
invitation_note = Zpráva k pozvánce:
invitation_expired = Požádejte o novou pozvánku toho, kdo vás pozval.

request_subject = Vaše žádost o účet na { $homeserver }
refused =
    Dobrý den,

    požádali jste e-mailem o účet na { $homeserver }. Ve vašem e-mailu je uvedeno jméno:

        { $name }

    { $why }
refused_without_name =
    Dobrý den,

    požádali jste e-mailem o účet na { $homeserver }.

    { $why }
write_again =
    Napište prosím znovu na { $address }, jen jeden řádek:

    Uživatelské jméno: { $example }
names_read =
    Toto je ve vašem e-mailu jako uživatelské jméno:

        { $names }
answered_by_operator =
    Dobrý den,

    správa { $homeserver } si přečetla váš e-mail a odpovídá:

    { $answer }
refused_by_operator =
    Dobrý den,

    požádali jste o účet na { $homeserver }. Správa vaši žádost posoudila a zamítla:

    { $why }
help =
    Dobrý den,

    napsali jste registraci { $homeserver }, ale nepodařilo se zjistit, jaké uživatelské jméno chcete.

    { $problem }
address_is_known =
    Dobrý den,

    někdo, možná vy, požádal o účet na { $homeserver } s vaší e-mailovou adresou. S touto adresou už existuje účet nebo žádost, takže se nic nezměnilo a nikdo se o tom nedozvěděl.

    Pokud jste žádali proto, že vám nepřišel e-mail, požádejte později znovu s uživatelským jménem, které jste si zvolili poprvé. Pokud jste to nebyli vy, prostě to ignorujte.
no_longer =
    Dobrý den,

    požádali jste o účet na { $homeserver } a vaše žádost musela počkat. Už jí nelze vyhovět:

    { $why }
prove_subject = Potvrďte svou adresu pro { $homeserver }
prove_address =
    Dobrý den,

    vy, nebo někdo, kdo zadal vaši adresu, jste požádali o účet { $id } na { $homeserver }. Potvrďte prosím, že je tato adresa vaše:

    { $link }

    Odkaz platí 24 hodin. Pokud jste o to nežádali, tento e-mail prostě ignorujte: bez potvrzení žádost nikam nepůjde.
form_too = Je tu i formulář: { $url }
several_names = Je uvedeno více uživatelských jmen.
no_name = Není uvedeno žádné uživatelské jméno.
