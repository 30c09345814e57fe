# Not yet read by somebody who speaks it.

closed_until = 正在更換註冊權杖，註冊暫時關閉。將於 { $time } 重新開放。
paused = 註冊目前暫停。請稍後再試。
being_updated = 註冊服務台正在更新，註冊暫時關閉。請過幾分鐘再試。
not_live_yet = 在家伺服器接受新的註冊權杖之前，註冊暫時關閉。通常只需幾分鐘；請稍後再試。
too_many_come = 申請比平常多，註冊暫時關閉。請過一小時再試。
cross_site = 這個請求來自其他網站。請使用本頁面上的表單。
form_incomplete = 表單沒有完整送達。請填寫兩個欄位。
ip_banned = 這裡不接受來自您的網路位址的申請。
rate_limited = 請求過多。請在 { $span }後再試。
too_many_wait = 等候審核的申請太多。在管理員處理之前，無法接受更多申請。
too_many_wait_of_net = 來自您的網路、等候審核的申請太多。在管理員處理之前，無法接受更多申請。
mailbox_waits = 這個電子郵件地址已有一項申請在等候審核。在管理員處理之前，無法接受另一項申請。
email_banned = 這裡不接受使用這個電子郵件地址的申請。請換一個地址。
email_in_use = 這個電子郵件地址已經有帳號或申請，每個地址只能有一個。
email_cooldown = 我們不久前寄過郵件到這個地址，請一併檢查垃圾郵件匣。您可以在 { $span }後重新申請。
username_unavailable = 這個使用者名稱無法使用。請換一個。
homeserver_unreachable = 無法向家伺服器查詢這個使用者名稱是否可用。沒有遺失任何內容；請過一分鐘再試。
refused_because =
    管理員看過您的申請後拒絕了：

    { $because }
refused_without_reason = 管理員看過您的申請後拒絕了。
ended_otherwise = 這項申請已結束。
lapsed = 您的申請等候審核太久，已經失效。請重新申請。
