# Not yet read by somebody who speaks it.

closed_until = Registrace je zavřená, protože se vyměňuje registrační token. Znovu se otevře v { $time }.
paused = Registrace je teď pozastavená. Zkuste to prosím později.
being_updated = Registrace je zavřená kvůli aktualizaci. Zkuste to prosím za několik minut.
not_live_yet = Registrace je zavřená, dokud domovský server nepřijme nový registrační token. Obvykle to trvá několik minut; zkuste to prosím za chvíli.
too_many_come = Registrace je na čas zavřená, protože přichází víc žádostí než obvykle. Zkuste to prosím za hodinu.
cross_site = Tento požadavek přišel z jiného webu. Použijte prosím formulář na této stránce.
form_incomplete = Formulář nedorazil celý. Vyplňte prosím obě pole.
ip_banned = Žádosti z vaší síťové adresy se zde nepřijímají.
rate_limited = Příliš mnoho žádostí. Zkuste to prosím za { $span }.
too_many_wait = Na schválení čeká příliš mnoho žádostí. Další nelze přijmout, dokud správa nerozhodne.
too_many_wait_of_net = Na schválení čeká příliš mnoho žádostí z vaší sítě. Další nelze přijmout, dokud správa nerozhodne.
mailbox_waits = Žádost s touto e-mailovou adresou už na schválení čeká. Další nelze přijmout, dokud správa nerozhodne.
email_banned = Žádosti s touto e-mailovou adresou se zde nepřijímají. Použijte prosím jinou.
email_in_use = S touto e-mailovou adresou už existuje účet nebo žádost a na každou adresu může být jen jeden účet.
email_cooldown = Na tuto adresu jsme nedávno poslali e-mail; podívejte se prosím i do složky se spamem. Znovu můžete požádat za { $span }.
username_unavailable = Toto uživatelské jméno není k dispozici. Zvolte si prosím jiné.
homeserver_unreachable = Domovského serveru se nepodařilo zeptat, zda je toto uživatelské jméno volné. Nic se neztratilo; zkuste to prosím za minutu.
refused_because =
    Správa vaši žádost posoudila a zamítla:

    { $because }
refused_without_reason = Správa vaši žádost posoudila a zamítla.
ended_otherwise = Tato žádost skončila.
lapsed = Vaše žádost čekala na schválení příliš dlouho a propadla. Požádejte prosím znovu.
