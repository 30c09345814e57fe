# Not yet read by somebody who speaks it.

closed_until = Kayıt kodu değiştirilirken kayıt kapalıdır. Yeniden açılış: { $time }.
paused = Kayıt şu anda durduruldu. Lütfen daha sonra yeniden deneyin.
being_updated = Masa güncellenirken kayıt kapalıdır. Lütfen birkaç dakika sonra yeniden deneyin.
not_live_yet = Ana sunucu yeni kayıt kodunu kabul edene kadar kayıt kapalıdır. Bu genellikle birkaç dakika sürer; lütfen birazdan yeniden deneyin.
too_many_come = Her zamankinden çok istek geldiği için kayıt bir süreliğine kapalıdır. Lütfen bir saat sonra yeniden deneyin.
cross_site = Bu istek başka bir web sitesinden geldi. Lütfen bu sayfadaki formu kullanın.
form_incomplete = Form eksik geldi. Lütfen iki alanı da doldurun.
ip_banned = Ağ adresinizden gelen istekler burada kabul edilmiyor.
rate_limited = Çok fazla istek geldi. Lütfen { $span } sonra yeniden deneyin.
too_many_wait = Çok fazla istek onay bekliyor. Yönetici karar verene kadar yenisi alınamaz.
too_many_wait_of_net = Ağınızdan gelen çok fazla istek onay bekliyor. Yönetici karar verene kadar yenisi alınamaz.
mailbox_waits = Bu e-posta adresiyle bir istek zaten onay bekliyor. Yönetici karar verene kadar başkası alınamaz.
email_banned = Bu e-posta adresiyle gelen istekler burada kabul edilmiyor. Lütfen başka bir adres kullanın.
email_in_use = Bu e-posta adresiyle zaten bir hesap veya istek var; her adresin yalnızca bir tane olabilir.
email_cooldown = Bu adrese kısa süre önce e-posta gönderdik; lütfen istenmeyen posta klasörüne de bakın. { $span } sonra yeniden isteyebilirsiniz.
username_unavailable = Bu kullanıcı adı kullanılamıyor. Lütfen başka bir ad seçin.
homeserver_unreachable = Bu kullanıcı adının boş olup olmadığı ana sunucuya sorulamadı. Hiçbir şey kaybolmadı; lütfen bir dakika sonra yeniden deneyin.
refused_because =
    Yönetici isteğinizi inceledi ve reddetti:

    { $because }
refused_without_reason = Yönetici isteğinizi inceledi ve reddetti.
ended_otherwise = Bu istek sona erdi.
lapsed = İsteğiniz onay için çok uzun bekledi ve geçerliliğini yitirdi. Lütfen yeniden isteyin.
