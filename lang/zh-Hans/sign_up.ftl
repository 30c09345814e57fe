<<<<<<< HEAD
# zh-Hans: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = 在 { $homeserver } 创建账号
sign_up_heading = 创建您的账号
sign_up_heading_for = 创建您的账号 { $mxid }
sign_up_what = 设置密码，账号就准备好了。可以在任意 Matrix 客户端中登录。
sign_up_password = 密码
sign_up_password_hint = 请使用较长、未在别处用过的密码，并保存到密码管理器中。
sign_up_show = 显示密码
sign_up_hide = 隐藏密码
sign_up_username = 用户名
sign_up_agree = 我同意 { $policy }
sign_up_button = 创建账号
sign_up_working = 正在创建账号…
sign_up_in_line = 主服务器一次只创建一个账号。您正在排队，请保持此页面打开。
sign_up_name_taken = 这个名字刚刚已被别人使用。请换一个。
sign_up_perhaps_yours = 这个名字已被使用，也许就是您自己的账号：如果之前提交过此表单，请使用当时的密码。
sign_up_no_password = 请设置密码。
sign_up_weak = 主服务器要求更好的密码：{ $words }
sign_up_terms_missing = 请先同意条款。
sign_up_refused = 您无法在这里创建账号。
sign_up_waits = 主服务器一次只能创建有限数量的账号。没有丢失任何内容：请在 { $span }后用相同的密码重试。
sign_up_unreachable = 主服务器没有响应。没有丢失任何内容：请过一分钟用相同的密码重试。
sign_up_expired = 此链接已失效
sign_up_expired_what = 链接已过期，或已被更新的邮件取代。请查找更新的邮件，或重新申请。
sign_up_used = 此链接已被使用
sign_up_used_what = 账号 { $mxid } 已创建。请用您设置的密码在任意 Matrix 客户端中登录。
sign_up_created = 账号已准备好
sign_up_created_message = 您的账号 { $mxid } 已准备好。
sign_up_trial = 试用时不会创建账号。如果是真正的注册处，您的账号现在就准备好了。
sign_up_id = 您的 Matrix ID
sign_up_server = 主服务器
sign_up_copy = 复制
sign_up_copied = 已复制
sign_up_get_in = 登录
sign_up_get_in_how = 打开一个客户端，选择 { $homeserver } 作为主服务器，然后用您的用户名和密码登录。
sign_up_phone = 在手机上
sign_up_phone_how = 安装 Element X，然后扫描此二维码：打开后您的主服务器已经填好。
sign_up_qr = 用于手机 Element X 的二维码
sign_up_room = 打个招呼
sign_up_room_how = 欢迎聊天室是 { $room }。
>>>>>>> tr
