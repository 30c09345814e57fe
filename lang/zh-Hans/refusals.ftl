# Not yet read by somebody who speaks it.

closed_until = 正在更换注册令牌，注册暂时关闭。将于 { $time } 重新开放。
paused = 注册目前已暂停。请稍后再试。
being_updated = 注册处正在更新，注册暂时关闭。请过几分钟再试。
not_live_yet = 在主服务器接受新的注册令牌之前，注册暂时关闭。通常只需几分钟；请稍后再试。
too_many_come = 申请比平时多，注册暂时关闭。请过一小时再试。
cross_site = 此请求来自其他网站。请使用本页面上的表单。
form_incomplete = 表单没有完整送达。请填写两个字段。
ip_banned = 这里不接受来自您的网络地址的申请。
rate_limited = 请求过多。请在 { $span }后再试。
too_many_wait = 等待审核的申请太多。在管理员处理之前，无法接受更多申请。
too_many_wait_of_net = 来自您所在网络、等待审核的申请太多。在管理员处理之前，无法接受更多申请。
mailbox_waits = 这个邮箱地址已有一个申请在等待审核。在管理员处理之前，无法接受另一个申请。
email_banned = 这里不接受使用这个邮箱地址的申请。请换一个地址。
email_in_use = 这个邮箱地址已有账号或申请，每个地址只能有一个。
email_cooldown = 我们不久前给这个地址发过邮件，请同时检查垃圾邮件文件夹。您可以在 { $span }后重新申请。
username_unavailable = 此用户名不可用。请换一个。
homeserver_unreachable = 无法向主服务器查询此用户名是否可用。没有丢失任何内容；请过一分钟再试。
refused_because =
    管理员看过您的申请后拒绝了它：

    { $because }
refused_without_reason = 管理员看过您的申请后拒绝了它。
ended_otherwise = 此申请已结束。
lapsed = 您的申请等待审核太久，已经失效。请重新申请。
