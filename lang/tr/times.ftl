# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } saat
       *[other] { $hours } saat
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } dakika
       *[other] { $minutes } dakika
    }
span_of_both = { $hours } { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } saniye
       *[other] { $seconds } saniye
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } dakika
       *[other] { $minutes } dakika
    }
wait_hours =
    { $hours ->
        [one] { $hours } saat
       *[other] { $hours } saat
    }
wait_days =
    { $days ->
        [one] { $days } gün
       *[other] { $days } gün
    }
month =
    { $number ->
        [1] Ocak
        [2] Şubat
        [3] Mart
        [4] Nisan
        [5] Mayıs
        [6] Haziran
        [7] Temmuz
        [8] Ağustos
        [9] Eylül
        [10] Ekim
        [11] Kasım
       *[12] Aralık
    }
time_of_day = { $time } UTC
time_on_date = { $day } { $month } { $time } UTC
time_on_day = { $day } { $month } { $year } { $time } UTC
