<<<<<<< HEAD
# zh-Hant: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = 在 { $homeserver } 建立帳號
sign_up_heading = 建立您的帳號
sign_up_heading_for = 建立您的帳號 { $mxid }
sign_up_what = 設定密碼，帳號就準備好了。可以在任何 Matrix 用戶端登入。
sign_up_password = 密碼
sign_up_password_hint = 請使用較長、沒有在別處用過的密碼，並存到密碼管理工具中。
sign_up_show = 顯示密碼
sign_up_hide = 隱藏密碼
sign_up_username = 使用者名稱
sign_up_agree = 我同意 { $policy }
sign_up_button = 建立帳號
sign_up_working = 正在建立帳號…
sign_up_in_line = 家伺服器一次只建立一個帳號。您正在排隊，請不要關閉這個頁面。
sign_up_name_taken = 這個名稱剛剛已被別人使用。請換一個。
sign_up_perhaps_yours = 這個名稱已被使用，也許就是您自己的帳號：如果之前送出過這份表單，請使用當時的密碼。
sign_up_no_password = 請設定密碼。
sign_up_weak = 家伺服器要求更好的密碼：{ $words }
sign_up_terms_missing = 請先同意條款。
sign_up_refused = 您無法在這裡建立帳號。
sign_up_waits = 家伺服器一次只能建立有限數量的帳號。沒有遺失任何內容：請在 { $span }後用相同的密碼再試一次。
sign_up_unreachable = 家伺服器沒有回應。沒有遺失任何內容：請過一分鐘用相同的密碼再試一次。
sign_up_expired = 這個連結已失效
sign_up_expired_what = 連結已過期，或已被較新的郵件取代。請找找較新的郵件，或重新申請。
sign_up_used = 這個連結已使用過
sign_up_used_what = 帳號 { $mxid } 已建立。請用您設定的密碼在任何 Matrix 用戶端登入。
sign_up_created = 帳號已準備好
sign_up_created_message = 您的帳號 { $mxid } 已準備好。
sign_up_trial = 試用時不會建立帳號。如果是真正的註冊服務台，您的帳號現在就準備好了。
sign_up_id = 您的 Matrix ID
sign_up_server = 家伺服器
sign_up_copy = 複製
sign_up_copied = 已複製
sign_up_get_in = 登入
sign_up_get_in_how = 開啟一個用戶端，選擇 { $homeserver } 作為家伺服器，然後用您的使用者名稱和密碼登入。
sign_up_phone = 在手機上
sign_up_phone_how = 安裝 Element X，然後掃描這個 QR Code：開啟後您的家伺服器已經填好。
sign_up_qr = 用於手機 Element X 的 QR Code
sign_up_room = 打聲招呼
sign_up_room_how = 歡迎聊天室是 { $room }。
>>>>>>> tr
