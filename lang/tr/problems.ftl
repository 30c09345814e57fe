# Not yet read by somebody who speaks it.

email_missing = Lütfen e-posta adresinizi yazın.
email_shape = Bu bir e-posta adresi değil. Şöyle görünmelidir: ad@example.org
email_local_part = Adresin @ işaretinden önceki bölümünde yalnızca düz harfler (a–z), rakamlar ve işaretler olabilir. Lütfen başka bir adres kullanın.
email_character = Bu e-posta adresinde posta gönderilemeyen bir karakter var. Lütfen denetleyin.
email_too_long = Bu e-posta adresi var olamayacak kadar uzun. Lütfen denetleyin.
email_literal = Lütfen @ işaretinden sonra IP adresi değil, alan adı bulunan bir adres verin.
email_unseen = Bu e-posta adresinde görünmez bir karakter var ({ $which }). Lütfen adresi elle yazın.
email_route = Bu e-posta adresi başka bir yere giden bir yol belirtiyor (%, ! veya @…:). Lütfen yalın adresi verin.
email_cannot_receive = Bu alan adında kimse e-posta alamaz. Lütfen adresi denetleyin.
did_you_mean = Şunu mu demek istediniz: { $meant }? Doğrusu { $typed } ise yeniden gönderin.
yes_this_address = Evet, { $address }
no_this_address = Hayır, { $address } doğru
email_domain = @ işaretinden sonraki bölüm bir alan adı değil. Lütfen adresi denetleyin.
username_missing = Lütfen bir kullanıcı adı seçin.
username_elsewhere = Burada oluşturulan hesaplar şöyle biter: “:{ $server }”. Lütfen yalnızca iki noktadan önceki bölümü yazın.
username_character = Kullanıcı adında şu olamaz: { $shown }. Lütfen yalnızca a–z, 0–9 ve şu işaretleri kullanın: . _ = - / +
username_too_long = Bu kullanıcı adı çok uzun. En fazla { $most } karakter olabilir.
answer_missing = Lütfen soruyu yanıtlayın: { $question }
answer_too_short = Lütfen en az { $least } karakterle yanıtlayın.
answer_too_long = Bu yanıt çok uzun. En fazla { $most } karakter olabilir.
terms_not_agreed = Lütfen koşulları okuyun ve kabul etmek için kutuyu işaretleyin.
a_space = boşluk
unseen_character = görünmez bir karakter ({ $which })
a_character = “{ $character }”
