<<<<<<< HEAD
# ar: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = أنشئ حسابك على { $homeserver }
sign_up_heading = أنشئ حسابك
sign_up_heading_for = أنشئ حسابك { $mxid }
sign_up_what = اختر كلمة مرور ويصبح حسابك جاهزا. تسجل الدخول به في أي تطبيق Matrix.
sign_up_password = كلمة المرور
sign_up_password_hint = كلمة طويلة لا تستخدمها في أي مكان آخر. احفظها في مدير كلمات المرور.
sign_up_show = إظهار كلمة المرور
sign_up_hide = إخفاء كلمة المرور
sign_up_username = اسم المستخدم
sign_up_agree = أوافق على { $policy }
sign_up_button = إنشاء الحساب
sign_up_working = جار إنشاء حسابك…
sign_up_in_line = ينشئ الخادم حسابا واحدا في كل مرة. أنت في قائمة الانتظار؛ يرجى إبقاء هذه الصفحة مفتوحة.
sign_up_name_taken = أصبح هذا الاسم لشخص آخر. يرجى اختيار اسم آخر.
sign_up_perhaps_yours = هذا الاسم محجوز، ربما لحسابك أنت: إذا كنت قد أرسلت هذا النموذج من قبل، فاستخدم كلمة المرور نفسها.
sign_up_no_password = يرجى اختيار كلمة مرور.
sign_up_weak = يطلب الخادم كلمة مرور أفضل: { $words }
sign_up_terms_missing = يرجى الموافقة على الشروط أولا.
sign_up_refused = لا يمكنك إنشاء حساب هنا.
sign_up_waits = ينشئ الخادم عددا محدودا من الحسابات في كل مرة. لم يضع شيء: يرجى المحاولة مرة أخرى بعد { $span } بكلمة المرور نفسها.
sign_up_unreachable = لم يستجب الخادم. لم يضع شيء: يرجى المحاولة مرة أخرى بعد دقيقة بكلمة المرور نفسها.
sign_up_expired = لم يعد هذا الرابط يعمل
sign_up_expired_what = إما أنه انتهت صلاحيته، أو أن رسالة أحدث حلت محله. يرجى البحث عن رسالة أحدث، أو تقديم الطلب مرة أخرى.
sign_up_used = تم استخدام هذا الرابط من قبل
sign_up_used_what = تم إنشاء الحساب { $mxid }. سجل الدخول به في أي تطبيق Matrix بكلمة المرور التي اخترتها.
sign_up_created = حسابك جاهز
sign_up_created_message = حسابك { $mxid } جاهز.
sign_up_trial = لا يتم إنشاء أي حساب في التجربة. في مكتب تسجيل حقيقي كان حسابك سيصبح جاهزا الآن.
sign_up_id = معرف Matrix الخاص بك
sign_up_server = الخادم
sign_up_copy = نسخ
sign_up_copied = تم النسخ
sign_up_get_in = تسجيل الدخول
sign_up_get_in_how = افتح تطبيق Matrix، واختر { $homeserver } خادما لك، ثم سجل الدخول باسم المستخدم وكلمة المرور.
sign_up_phone = على هاتفك
sign_up_phone_how = ثبت Element X ثم امسح هذا الرمز: سيفتح التطبيق وفيه خادمك.
sign_up_qr = رمز QR لتطبيق Element X على هاتفك
sign_up_room = ألق التحية
sign_up_room_how = غرفة الترحيب هي { $room }.
>>>>>>> tr
