# Not yet read by somebody who speaks it.

token_subject = { $homeserver } için kayıt kodunuz
account_subject = { $homeserver } hesabınızı oluşturun
account_preview = Bir parola seçin, hesabınız hazır. Bağlantının son geçerlilik zamanı: { $until } ({ $span } sonra).
your_account = Hesabınızı oluşturun
this_is_the_link = Sayfamızda bir parola seçin, hesabınız hazır. Sonra herhangi bir Matrix istemcisinde oturum açın.
this_is_the_link_to_choose = Sayfamızda bir kullanıcı adı ve parola seçin, hesabınız hazır. Sonra herhangi bir Matrix istemcisinde oturum açın.
link_works_until = Bağlantı tek kullanımlıktır. Son geçerlilik zamanı: { $until } ({ $span } sonra). Lütfen kimseyle paylaşmayın.
own_client = Kendi istemcinizi mi tercih edersiniz?
own_client_token = O hâlde bağlantı yerine bu kayıt kodunu kullanın:
token_preview = Son geçerlilik zamanı: { $until } ({ $span } sonra). Üç adımda hesabınız.
trial_email = Biri kayıt masasını deniyor: bu e-posta bir klasöre yazıldı, kimseye gönderilmedi; kayıt kodu da hiçbir işe yaramaz.
your_token = Kayıt kodunuz
somebody_asked = Siz veya adresinizi yazan biri, şu Matrix ana sunucusunda hesap istedi: { $homeserver }
email_asked = Adresinizden gelen bir e-postayla şu Matrix ana sunucusunda hesap istendi: { $homeserver }
this_is_the_token = Bu hesabın kayıt kodu:
works_until = Son geçerlilik zamanı: { $until } ({ $span } sonra). Lütfen kimseyle paylaşmayın.
short_way = Hesabınıza kısa yol
sign_up_page = Hesabı { $homeserver } kayıt sayfasında oluşturun:
sign_up_page_filled = Hesabı { $homeserver } kayıt sayfasında oluşturun; kullanıcı adı ve kayıt kodu orada doldurulmuştur:
sign_up_page_with_name = Hesabı { $homeserver } kayıt sayfasında oluşturun; kullanıcı adı orada doldurulmuştur:
sign_up_page_with_token = Hesabı { $homeserver } kayıt sayfasında oluşturun; kayıt kodu orada doldurulmuştur:
create_the_account = Hesabı oluştur
three_steps = Üç adımda hesabınız
or_three_steps = Ya da üç adımda
step_client = Matrix için kullandığınız programı, yani bir istemci açın. Kayıt kodlarını desteklemelidir: tarayıcıdaki bu istemci ve Element Desktop destekler. Element X ve FluffyChat desteklemez; hesabınız olunca onları da kullanabilirsiniz.
step_client_of_page = Matrix için kullandığınız programı, yani bir istemci açın: tarayıcıdaki bu istemci, Element Desktop, Element X veya başka çoğu istemci olur. Sizi { $homeserver } kayıt sayfasına götürür; kayıt kodu orada sorulur.
step_homeserver = “Hesap oluştur” seçeneğini seçin. Başka bir ana sunucu yazıyorsa yanındaki “Düzenle” seçeneğini seçin. Sizinki:
step_username = Kullanıcı adı olarak şunu girin:
step_username_within = Kullanıcı adı olarak şunun içinde @ ile : arasında kalanı girin:
step_token = Bir parola seçin ve kayıt kodunu sorulduğu yere yapıştırın. Bu bir e-posta doğrulama kodu değildir: öyle bir kod sorulursa ayrı bir e-postayla gelir.
not_you = Bunu siz istemediniz mi?
not_you_what = Bu e-postayı yok saymanız yeterlidir.
not_you_tell = Bize bildirin, bu adrese başka bir şey gelmesin:
expired = Kodun süresi doldu mu?
link_expired = Bağlantının süresi doldu mu?
expired_where = Aynı ad ve adresle yeniden isteyin:
expired_anywhere = İlk istediğiniz yerden, aynı ad ve adresle yeniden isteyin.
expired_by_email = Aynı kullanıcı adıyla şu adrese yeniden yazın: { $address }

invitation_subject = { $homeserver } daveti
invitation_heading = Davet edildiniz
invites = { $homeserver } Matrix ana sunucusunun yöneticisi sizi orada hesap oluşturmaya davet ediyor.
invites_as = { $homeserver } Matrix ana sunucusunun yöneticisi sizi şu hesabı oluşturmaya davet ediyor:
invitation_note = Yöneticinin mesajı:
invitation_expired = Sizi davet eden kişiden yeni bir davet isteyin.

request_subject = { $homeserver } hesap isteğiniz
refused =
    Merhaba,

    e-postayla { $homeserver } üzerinde hesap istediniz. E-postanızdaki ad:

        { $name }

    { $why }
refused_without_name =
    Merhaba,

    e-postayla { $homeserver } üzerinde hesap istediniz.

    { $why }
write_again =
    Lütfen { $address } adresine yeniden, yalnızca şu tek satırı yazın:

    Kullanıcı adı: { $example }
names_read =
    E-postanızda kullanıcı adı olarak şu var:

        { $names }
answered_by_operator =
    Merhaba,

    { $homeserver } yöneticisi e-postanızı okudu ve yanıtlıyor:

    { $answer }
refused_by_operator =
    Merhaba,

    { $homeserver } üzerinde hesap istediniz. Yönetici isteğinizi inceledi ve reddetti:

    { $why }
help =
    Merhaba,

    { $homeserver } kayıt masasına yazdınız, ancak hangi kullanıcı adını istediğiniz anlaşılamadı.

    { $problem }
address_is_known =
    Merhaba,

    biri, belki siz, e-posta adresinizle { $homeserver } üzerinde hesap istedi. Bu adresle zaten bir hesap veya istek var; bu yüzden hiçbir şey değişmedi ve kimseye bildirilmedi.

    Bir e-posta gelmediği için istediyseniz, daha sonra ilk seçtiğiniz kullanıcı adıyla yeniden isteyin. Siz değilseniz bunu yok sayın.
no_longer =
    Merhaba,

    { $homeserver } üzerinde hesap istediniz ve isteğiniz beklemek zorunda kaldı. Artık kabul edilemiyor:

    { $why }
prove_subject = { $homeserver } için adresinizi onaylayın
prove_address =
    Merhaba,

    siz veya adresinizi yazan biri, { $homeserver } üzerinde { $id } hesabını istedi. Lütfen bu adresin sizin olduğunu onaylayın:

    { $link }

    Bağlantı 24 saat geçerlidir. Bunu siz istemediyseniz bu e-postayı yok sayın: onay olmadan istek ilerlemez.
form_too = Bir form da var: { $url }
several_names = Birden çok kullanıcı adı yazılmış.
no_name = Kullanıcı adı yazılmamış.
