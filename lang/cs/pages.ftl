# Not yet read by somebody who speaks it.

desk_of = Registrace { $homeserver }
language = Jazyk
trial = Zkouška
trial_suffix = (zkouška)
this_is_a_trial = Toto je zkouška.
no_mail = E-maily se zatím neodesílají.
no_mail_yet = Správa tohoto serveru zatím nenastavila e-mail, takže k vám nic, o co zde požádáte, nedorazí. Vraťte se prosím později.
trial_sends_nothing = Domovského serveru se nikdo neptá a e-maily se neodesílají: zapisují se do { $folder }.
trial_answer = Toto je zkouška: e-maily se neodesílají, zapisují se do trial/outbox/. { $answer }

form_title = Účet na { $homeserver }
form_title_refused = Neodesláno: účet na { $homeserver }
get_an_account = Získejte účet na { $homeserver }
what_this_is = { $homeserver } je domov pro účty v Matrixu, otevřené síti pro zprávy a hovory. S účtem zde můžete mluvit s lidmi na každém jiném serveru Matrix, stejně jako u e-mailu.
open_until = Registrace je otevřená do { $time }.
open = Registrace je otevřená.
closes_in = Zavře se za { $span }
opens_in = Znovu se otevře za { $span }
your_time = { $text }, v { $time } vašeho času
error = Chyba:
username = Uživatelské jméno
username_hint = Písmena a–z, číslice a { $signs }
your_matrix_id = Vaše Matrix ID bude { $id }
any_name = jméno
email_address = E-mailová adresa
email_hint = Sem vám pošleme registrační token.
link_hint = Sem vám pošleme odkaz.
send_me_a_link = Poslat mi odkaz
link_within_minutes = Během několika minut vám přijde e-mail s odkazem k vytvoření účtu.
link_once_approved = Jakmile bude žádost schválena, přijde vám e-mail s odkazem k vytvoření účtu.
create_by_link = Otevřete odkaz a zvolte si heslo: účet je hotový a přihlásíte se s ním v libovolném klientovi Matrix.
link_works_for = Odkaz platí { $span }.
approved_by_hand = Každý účet zde schvaluje správa, takže e-mail možná nepřijde hned.
question_to_answer = Je třeba odpovědět na jednu otázku.
i_agree = Potvrzuji, že znám a přijímám { $terms }.
the_terms = podmínky
read_the_terms = Přečíst podmínky
at_least = Nejméně { $least } znaků
ask_for_account = Požádat o účet
send_me_a_token = Poslat mi registrační token
sending = Odesílá se…
field_sent_twice = Toto pole bylo odesláno vícekrát.

how_it_works = Jak to funguje
ask_here = Požádejte zde
ask_here_how = Zvolte si uživatelské jméno a zadejte e-mailovou adresu, ke které máte přístup.
check_your_email = Podívejte se do e-mailu
email_within_minutes = Během několika minut vám přijde e-mail s registračním tokenem, tedy kódem, se kterým se můžete zaregistrovat.
email_once_approved = Jakmile bude žádost schválena, přijde vám e-mail s registračním tokenem, tedy kódem, se kterým se můžete zaregistrovat.
create_your_account = Vytvořte si účet
create_how = Otevřete klienta, který podporuje registrační tokeny: { $client } v prohlížeči je podporuje a Element Desktop také; Element X a FluffyChat ne. Jako domovský server zvolte { $homeserver } a zadejte uživatelské jméno, heslo a registrační token. V e-mailu je popsáno, jak na to.
create_on_page = Registrační stránka { $homeserver } je { $page }: zadejte tam uživatelské jméno, heslo a registrační token. Element X a většina ostatních klientů tam vedou také. V e-mailu je popsáno, jak na to.
create_by_client = Otevřete klienta, například { $client } v prohlížeči, Element Desktop nebo Element X, a jako domovský server zvolte { $homeserver }: klient vás dovede na registrační stránku { $homeserver }, kde zadáte uživatelské jméno, heslo a registrační token. V e-mailu je popsáno, jak na to.
token_works_for = Registrační token platí { $span }.
token_works_until_daily = Registrační token platí, dokud se nezmění, každý den v { $time }.

privacy = Co se uchovává
privacy_kept = Vaše uživatelské jméno, e-mailová adresa a síťová adresa se uchovávají, aby bylo možné rozhodnout o žádosti a nevpouštět ty, kdo žádají za jiné.
privacy_answer = Vaše odpověď také.
privacy_ip = Vaše síťová adresa se v polovině této doby zkrátí a po { $days } dnech smaže.
privacy_ip_at_once = Vaše síťová adresa se po { $days } dnech smaže.
privacy_refused = Zamítnuté žádosti se po { $days } dnech smažou.
privacy_answers = Odpovědi se po { $days } dnech smažou.
privacy_addresses = E-mailové adresy se po { $days } dnech smažou; zůstane značka, ze které adresu nelze zjistit, aby ke každé adrese patřil jeden účet.
privacy_ask = Můžete se správy zeptat, co se o vás uchovává, a nechat to smazat.

waiting_for_approval = Čeká na schválení
held = Vaše žádost o { $mxid } čeká na správu { $homeserver }. Jakmile bude schválena, pošleme registrační token na { $email }.
on_its_way = Registrační token pro { $mxid } je na cestě na { $email }.
queued = Registrační token pro { $mxid } pošleme na { $email }.
held_link = Vaše žádost o { $mxid } čeká na správu { $homeserver }. Jakmile bude schválena, pošleme odkaz na { $email }.
link_on_its_way = Odkaz k vytvoření { $mxid } je na cestě na { $email }.
link_queued = Odkaz k vytvoření { $mxid } pošleme na { $email }.
email_queued_what = Může to chvíli trvat; není třeba žádat znovu.
email_from = Odesílatel e-mailu:
email_subject = předmět:
email_from_with_subject = Odesílatel e-mailu: { $sender }, předmět: „{ $subject }“.
wait_how_long = Jak dlouho to potrvá, záleží na správě. Nemusíte nic dělat ani žádat znovu.
trial_email_is_in = Při této zkoušce je v { $folder } na počítači, na kterém registrace běží.
there_within_minutes = Měl by dorazit během několika minut.
check_spam = Pokud ho nevidíte, podívejte se do složky se spamem.
did_not_get_it = Nepřišel vám e-mail?
again_at_any_time = Kdykoli požádejte znovu se stejným uživatelským jménem a adresou: přijde vám nový e-mail.
again_later = Později požádejte znovu se stejným uživatelským jménem a adresou: přijde vám nový e-mail.
again_after = Po { $time } (za { $span }) požádejte znovu se stejným uživatelským jménem a adresou: přijde vám nový e-mail.
back_to_sign_up = Zpět k registraci

sending_email = Posíláme vám e-mail
email_goes_to = E-mail pro { $mxid } se právě odesílá na { $email }.
email_went_to = E-mail pro { $mxid } jsme poslali na { $email }.
email_failed = E-mail nedorazil
email_did_not_go_to = E-mail pro { $mxid } se nepodařilo doručit na { $email }.
no_such_mailbox = Poštovní server hlásí, že taková schránka neexistuje. Není v adrese překlep?
no_mail_there = Poštovní server hlásí, že tam e-mail doručit nelze. Není v adrese překlep?
mailbox_full = Poštovní server hlásí, že je schránka plná.
mail_server_refused = Poštovní server e-mail nepřijal.
email_not_sent = E-mail se nepodařilo odeslat.
account_created = Váš účet je hotový
account_is_there = { $mxid } je vaše: přihlaste se v libovolné aplikaci Matrix.
request_ended = Tato žádost skončila
request_was_for = Žádost byla o { $mxid }.
none_before = Vaše žádost je další na řadě.
one_before = Před vaší je jedna žádost.
many_before =
    { $count ->
        [one] Před vaší je { $count } žádost.
        [few] Před vaší jsou { $count } žádosti.
        [many] Před vaší je { $count } žádosti.
       *[other] Před vaší je { $count } žádostí.
    }
step_asked = Žádost přijata
step_to_send = E-mail na cestě
step_sent = E-mail odeslán
step_failed = Poštovní server e-mail odmítl
step_opened = Odkaz otevřen
step_account = Vytvořte si účet
step_created = Účet vytvořen
wrong_address = Špatná adresa?
another_name = Jiné jméno?
correct_it = Opravit
correct_what = Pošleme nový e-mail; předchozí přestane platit.
renews_itself = Tato stránka se obnovuje sama.
stop_renewing = Zastavit obnovování a opravit žádost.
back_to_receipt = Zpět k žádosti

not_you_title = Nejste to vy?
somebody_wanted = Někdo požádal o účet { $mxid } s adresou { $email }.
somebody_wrote = Někdo napsal registraci { $homeserver } z adresy { $email }.
not_me_what = Pokud jste to nebyli vy, dejte nám vědět: žádost skončí a na tuto adresu už odsud žádný e-mail nepřijde.
not_me = Nejsem to já
not_me_done = Děkujeme za upozornění
not_me_nothing_more = Žádost skončila a na { $email } už odsud žádný e-mail nepřijde.
not_me_account = Pomocí tohoto e-mailu už byl vytvořen účet. Dejte prosím vědět správě { $homeserver }.

in_the_queue = Jste ve frontě
queued_for = Dnešní účty jsou už rozdané. Vaše žádost o { $mxid } má ve frontě číslo { $place }; další se rozdávají každý den v { $time }. Až přijdete na řadu, napíšeme na { $email }.
queue_how_long = Nemusíte nic dělat ani žádat znovu.
prove_first = Vaše žádost o { $mxid } je zaznamenaná. Poslali jsme odkaz na { $email }: otevřete ho do 24 hodin, a potvrďte tak, že je tato adresa vaše. Pak žádost půjde ke správě { $homeserver }.
open_and_confirm = Otevřete e-mail a potvrďte adresu

confirm_address = Potvrďte svou adresu
confirm_question = Někdo požádal o účet { $id } s vaší e-mailovou adresou. Pokud jste to byli vy, potvrďte to a žádost půjde dál. Pokud ne, stačí zavřít tuto stránku.
confirm = Potvrdit adresu
address_confirmed = Adresa potvrzena
confirmed_and_waits = Děkujeme. Vaše žádost o { $id } čeká na správu { $homeserver }. Jakmile bude schválena, napíšeme vám.
confirmed_and_queued = Děkujeme. Dnešní účty jsou už rozdané, takže vaše žádost o { $id } je ve frontě. Až přijdete na řadu, napíšeme vám.
confirmed_and_accepted = Děkujeme. Vaše žádost o { $id } je přijatá a e-mail je na cestě.
cannot_go_on = V této žádosti nelze pokračovat
link_over = Tento odkaz už neplatí
link_over_what = Už byl použit, nebo jeho žádost skončila. Pokud účet stále chcete, požádejte prosím znovu.

error_status = Chyba { $status }
unreadable = Nelze přečíst
unreadable_what = Váš prohlížeč odeslal něco, čemu tato registrace nerozumí.
forbidden = Nepovoleno
forbidden_what = To tato registrace nedovoluje.
not_found = Stránka nenalezena
not_found_what = Na této adrese žádná stránka není.
wrong_method = Tady to nejde
wrong_method_what = Tuto adresu nelze takto použít.
too_slow = Příliš pomalé
too_slow_what = Váš požadavek přicházel příliš dlouho. Zkuste to prosím znovu.
too_large = Příliš mnoho dat
too_large_body = Váš prohlížeč odeslal více, než tato registrace přijímá. Použijte prosím formulář na její stránce.
too_large_head = Váš prohlížeč o sobě odeslal více, než tato registrace přijímá. Může pomoci smazat soubory cookie.
wrong_type = Špatný formát
wrong_type_what = Tato registrace přijímá jen to, co odesílá její vlastní formulář. Použijte prosím formulář na její stránce.
http_version = Nepodporovaná verze HTTP
http_version_what = Váš prohlížeč používá druh HTTP, který tato registrace nepodporuje.
not_now = Teď ne
not_now_what = Registrace teď nemůže odpovědět. Zkuste to prosím za minutu.
our_fault = Něco se pokazilo
our_fault_what = Je to chyba registrace, ne vaše. Zkuste to prosím za minutu.
other_error = Nepovedlo se
other_error_what = Zkuste to prosím znovu z registrační stránky.
