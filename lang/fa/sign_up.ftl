<<<<<<< HEAD
# fa: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = حساب خود را در { $homeserver } بسازید
sign_up_heading = حساب خود را بسازید
sign_up_heading_for = حساب خود { $mxid } را بسازید
sign_up_what = یک گذرواژه انتخاب کنید تا حسابتان آماده شود. در هر برنامهٔ Matrix با آن وارد می‌شوید.
sign_up_password = گذرواژه
sign_up_password_hint = گذرواژه‌ای بلند که جای دیگری از آن استفاده نمی‌کنید. آن را در برنامهٔ مدیریت گذرواژه ذخیره کنید.
sign_up_show = نمایش گذرواژه
sign_up_hide = پنهان کردن گذرواژه
sign_up_username = نام کاربری
sign_up_agree = با { $policy } موافقم
sign_up_button = ساختن حساب
sign_up_working = در حال ساختن حساب شما…
sign_up_in_line = سرور حساب‌ها را یکی‌یکی می‌سازد. شما در صف هستید؛ لطفاً این صفحه را باز نگه دارید.
sign_up_name_taken = این نام دیگر از آن کس دیگری است. لطفاً نام دیگری انتخاب کنید.
sign_up_perhaps_yours = این نام گرفته شده است، شاید برای حساب خود شما: اگر این فرم را پیش‌تر فرستاده‌اید، از همان گذرواژه استفاده کنید.
sign_up_no_password = لطفاً یک گذرواژه انتخاب کنید.
sign_up_weak = سرور گذرواژهٔ بهتری می‌خواهد: { $words }
sign_up_terms_missing = لطفاً نخست با شرایط استفاده موافقت کنید.
sign_up_refused = نمی‌توانید اینجا حساب بسازید.
sign_up_waits = سرور در هر زمان فقط شمار محدودی حساب می‌سازد. چیزی از دست نرفته است: لطفاً { $span } دیگر با همان گذرواژه دوباره تلاش کنید.
sign_up_unreachable = سرور پاسخ نداد. چیزی از دست نرفته است: لطفاً یک دقیقهٔ دیگر با همان گذرواژه دوباره تلاش کنید.
sign_up_expired = این پیوند دیگر کار نمی‌کند
sign_up_expired_what = منقضی شده یا ایمیل تازه‌تری جای آن را گرفته است. لطفاً ایمیل تازه‌تر را پیدا کنید یا دوباره درخواست کنید.
sign_up_used = از این پیوند استفاده شده است
sign_up_used_what = حساب { $mxid } ساخته شده است. در هر برنامهٔ Matrix با گذرواژه‌ای که انتخاب کردید وارد شوید.
sign_up_created = حساب شما آماده است
sign_up_created_message = حساب شما { $mxid } آماده است.
sign_up_trial = در آزمایش حسابی ساخته نمی‌شود. در یک پیشخوان واقعی، حساب شما اکنون آماده بود.
sign_up_id = شناسهٔ Matrix شما
sign_up_server = سرور
sign_up_copy = رونوشت
sign_up_copied = رونوشت شد
sign_up_get_in = ورود
sign_up_get_in_how = یک برنامهٔ Matrix را باز کنید، سرور { $homeserver } را انتخاب کنید و با نام کاربری و گذرواژهٔ خود وارد شوید.
sign_up_phone = روی تلفن همراه
sign_up_phone_how = برنامهٔ Element X را نصب و سپس این کد را اسکن کنید: برنامه با سرور شما باز می‌شود.
sign_up_qr = کد QR برای Element X روی تلفن همراه
sign_up_room = سلام کنید
sign_up_room_how = اتاق خوشامدگویی { $room } است.
>>>>>>> tr
