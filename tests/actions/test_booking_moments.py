from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.booking_moments import Moment, read_moment
from service.days import DayPart
from service.language import LANGUAGES
from service.settings import ROOT
from service.texts import Texts

PROMPTS = Texts(ROOT / "stories").prompts()
TODAY = date(2026, 11, 24)  # a Tuesday
UNCLEAR = "unclear"
WORDS = ["om", "3", "half", "drie", "uur", "morgen", "dinsdag", "tussen", "en", "niet", "na", "december", "week", "12"]
SAID = {  # per language what people type, and what it means; of the times the one in office hours
    "nl": {
        "een uur of drie": "15:00",
        "om 10-11 uur": "morning",
        "week 49": "2026-11-30/2026-12-06",
        "15e": "2026-12-15",
        "ik wacht al 2 uur": "unclear",
        "goedemiddag, morgen graag": "2026-11-25",
        "komende vrijdag": "2026-11-27",
        "dinsdag 3 maart 2020": "unclear",
        "morgen om 3 uur": "2026-11-25 15:00",
        "volgende week dinsdag om half drie": "2026-12-01 14:30",
        "3 december om 10 uur": "2026-12-03 10:00",
        "drie december om tien uur": "2026-12-03 10:00",
        "tien voor half drie": "14:20",
        "kwart over 2": "14:15",
        "om 10 voor 3": "14:50",
        "14u15": "14:15",
        "12 uur 's middags": "12:00",
        "3 uur 's middags": "15:00",
        "dinsdag of woensdag": "unclear",
        "niet dinsdag": "unclear",
        "na 15 uur": "afternoon",
        "voor 12 uur": "morning",
        "tussen 2 en 4": "afternoon",
        "over 3 dagen": "2026-11-27",
        "vrijdag over een week": "2026-12-04",
        "de 3e": "2026-12-03",
        "op de 15e": "2026-12-15",
        "over twee weken": "2026-12-07/2026-12-13",
        "deze week": "2026-11-24/2026-11-29",
        "volgende week": "2026-11-30/2026-12-06",
        "'s morgens": "morning",
        "dinsdag morgen om 10": "2026-11-24 10:00",
        "12/24": "unclear",
        "woesdag": "2026-11-25",
        "ik heb 2 kinderen, morgen kan": "2026-11-25",
        "morgen 3": "2026-11-25 15:00",
        "vrijdag 4": "unclear",
        "niet dinsdag maar woensdag": "2026-11-25",
        "kan ik overmorgen om kwart voor elf komen?": "2026-11-26 10:45",
        "vrijdagmiddag": "2026-11-27 afternoon",
        "vanmiddag om 4 uur": "2026-11-24 16:00",
        "vanavond": "2026-11-24 evening",
        "donderdag na de lunch": "2026-11-26 afternoon",
        "dinsdag 1 december om 9.30": "2026-12-01 09:30",
        "woensdag 1 december": "unclear",
        "volgende week maandag of dinsdag": "unclear",
        "morgen of overmorgen": "unclear",
        "vrijdag 10.10": "2026-11-27 10:10",
        "3.12": "unclear",
        "om 10.30": "10:30",
        "3-12-2026": "2026-12-03",
        "3.12.2026 om 14:00": "2026-12-03 14:00",
        "gisteren": "2026-11-23 past",
        "vorige week dinsdag": "2026-11-17 past",
        "12 november 2026": "2026-11-12 past",
        "volgende maand": "unclear",
        "ergens volgende week in de ochtend": "2026-11-30/2026-12-06 morning",
        "2 dagen geleden": "2026-11-22 past",
        "dit weekend": "2026-11-28/2026-11-29",
        "begin volgende week": "2026-11-30/2026-12-01",
        "vanaf woensdag": "unclear",
        "ik kan niet op vrijdag": "unclear",
        "maakt niet uit, morgen": "2026-11-25",
        "om 10 of 11 uur": "unclear",
        "tussen 10 en 12 op vrijdag": "2026-11-27 morning",
        "maandag 14-15 uur": "2026-11-30 afternoon",
        "over 2 uur": "unclear",
        "donderdag 3 dec half 4": "2026-12-03 15:30",
        "tussen de middag": "afternoon",
        "morgenochtend vroeg": "2026-11-25 morning",
        "morgenochtend 9 uur": "2026-11-25 09:00",
        "'s avonds om 7": "19:00",
        "10 uur 's middags": "unclear",
        "a.s. vrijdag": "2026-11-27",
        "komende donderdag 13.00 uur": "2026-11-26 13:00",
        "de tweede kerstdag": "2026-12-26",
        "ik heb nu een afspraak nodig voor vrijdag": "2026-11-27",
        "24/12 om 10:00": "2026-12-24 10:00",
        "vr 10:00": "2026-11-27 10:00",
        "vandaag over een week": "2026-12-01",
        "25 over 3": "15:25",
        "vijf over half 3": "14:35",
        "goedemorgen, ik wil donderdag komen": "2026-11-26",
        "vrijdag 27": "2026-11-27",
        "dinsdag 29": "unclear",
        "vrijdag 10": "2026-11-27 10:00",
        "drie": "15:00",
        "na 3": "afternoon",
        "10 uur": "10:00",
        "kan het ook vrijdag om 9 uur 's ochtends?": "2026-11-27 09:00",
        "ik wil graag volgende week woensdag in de middag": "2026-12-02 afternoon",
        "liever donderdag": "2026-11-26",
        "doe maar maandagochtend": "2026-11-30 morning",
        "zaterdag over 2 weken": "2026-12-12",
        "eind van de week": "2026-11-26/2026-11-29",
        "eind volgende week": "2026-12-03/2026-12-06",
        "1 dec 15u": "2026-12-01 15:00",
        "dinsdag 1/12 15.00": "2026-12-01 15:00",
        "1-12-26 om 15:00 uur": "2026-12-01 15:00",
        "om 15.00 uur": "15:00",
        "om 3 uur in de middag": "15:00",
        "morgenmiddag half 2": "2026-11-25 13:30",
        "twee uur": "14:00",
        "om kwart over negen": "09:15",
        "9:45": "09:45",
        "dinsdag of woensdag om 3 uur": "unclear",
        "na dinsdag": "unclear",
        "niet 's ochtends": "unclear",
        "na 12 uur": "afternoon",
        "voor 10 uur": "morning",
        "tot 12 uur": "morning",
        "rond 11 uur": "11:00",
        "ongeveer 11 uur": "11:00",
        "tusen 2 en 4 uur": "unclear",
        "vandaag nog": "2026-11-24",
        "volgende donderdag": "unclear",
        "aanstaande maandag om 13:00": "2026-11-30 13:00",
        "donderdag de derde": "2026-12-03",
        "de 30e om 11 uur": "2026-11-30 11:00",
        "over anderhalve week": "unclear",
        "de week van 7 december": "2026-12-07/2026-12-13",
        "dinsdagochtend of woensdagmiddag": "unclear",
        "overmorge half elf": "2026-11-26 10:30",
        "vrydag 11 uur": "2026-11-27 11:00",
        "31 november": "unclear",
        "3 mei": "2027-05-03",
    },
    "ar": {
        "كمان يومين": "2026-11-26",
        "bukra 2 w nos": "2026-11-25 14:30",
        "بكرا العصر": "2026-11-25 afternoon",
        "الساعة 3 العصر": "15:00",
        "bokra el sa3a 3": "2026-11-25 15:00",
        "يوم الخميس الساعة ١٠ الصبح": "2026-11-26 10:00",
        "بعد بكرة الساعة ٢ ونص": "2026-11-26 14:30",
        "الأسبوع الجاي يوم الاثنين": "2026-11-30",
        "الثلاثاء القادم": "2026-12-01",
        "٣ ديسمبر الساعة ١١": "2026-12-03 11:00",
        "الثالث من ديسمبر": "2026-12-03",
        "الأربعاء أو الخميس": "unclear",
        "مو الخميس": "unclear",
        "بعد الساعة ٣": "afternoon",
        "بين ٢ و ٤": "afternoon",
        "بعد ثلاثة أيام": "2026-11-27",
        "بعد يومين": "2026-11-26",
        "٥ رمضان": "unclear",
        "الساعة ٥ مساء": "17:00",
        "الساعة ثلاثة إلا ربع": "14:45",
        "الثالثة وعشر دقائق": "15:10",
        "غدوة الصباح": "2026-11-25 morning",
        "مبارح": "2026-11-23 past",
        "١٠ ص": "10:00",
        "صباح الخير بدي موعد يوم الأحد": "2026-11-29",
        "bukra el 3asr": "2026-11-25 afternoon",
        "yom el khamis el sa3a 10 el sob7": "2026-11-26 10:00",
        "بكرا الساعة تلاتة العصر": "2026-11-25 15:00",
        "يوم الأحد بعد الظهر": "2026-11-29 afternoon",
        "الأسبوع القادم": "2026-11-30/2026-12-06",
        "الخميس الجاي الساعة ٩ ونص": "unclear",
        "يوم ١٥": "2026-12-15",
        "يوم ٣ ديسمبر": "2026-12-03",
        "٣ كانون الأول الساعة ١٠": "2026-12-03 10:00",
        "بدي اجي يوم الجمعة الصبح": "2026-11-27 morning",
        "لا استطيع يوم الثلاثاء": "unclear",
        "بعد أسبوعين": "2026-12-07/2026-12-13",
        "آخر الأسبوع القادم": "2026-12-03/2026-12-06",
        "الساعة وحدة ونص": "13:30",
        "الساعة ١٢ الظهر": "12:00",
        "بعد بكرا الصبح بكير": "2026-11-26 morning",
        "قبل الظهر": "morning",
        "من ٢ ل ٤": "afternoon",
        "بكرة عالساعة عشرة": "2026-11-25 10:00",
        "ba3d bokra el sob7": "2026-11-26 morning",
        "nhar el etnin 10h": "2026-11-30 10:00",
        "يوم الإثنين ٣٠ نوفمبر": "2026-11-30",
        "اليوم": "2026-11-24",
        "الثلاثاء ١ ديسمبر الساعة الثالثة والربع": "2026-12-01 15:15",
        "٢٠٢٦/١٢/٣": "2026-12-03",
    },
    "tr": {
        "haftaya bugün": "2026-12-01",
        "yarın yarımda": "2026-11-25 12:30",
        "15:30 cuma": "2026-11-27 15:30",
        "saat 3 öğleden sonra": "15:00",
        "on": "10:00",
        "cuma gunu": "2026-11-27",
        "yarın sabah dokuzda": "2026-11-25 09:00",
        "salı günü saat on buçukta": "2026-11-24 10:30",
        "gelecek hafta çarşamba öğleden sonra": "2026-12-02 afternoon",
        "haftaya": "2026-11-30/2026-12-06",
        "3 Aralık saat 14:00": "2026-12-03 14:00",
        "üç aralık": "2026-12-03",
        "cuma değil": "unclear",
        "salı ya da çarşamba": "unclear",
        "3 gün sonra": "2026-11-27",
        "saat 3'ten sonra": "afternoon",
        "2 ile 4 arası": "afternoon",
        "cumadan sonra": "unclear",
        "yarın akşam 6": "2026-11-25 18:00",
        "öbür gün üçe on kala": "2026-11-26 14:50",
        "ayın 15'inde": "2026-12-15",
        "perşembe saat iki": "2026-11-26 14:00",
        "cuma öğlen": "2026-11-27 afternoon",
        "dün": "2026-11-23 past",
        "yarin saat 11 de": "2026-11-25 11:00",
        "cuma on": "2026-11-27 10:00",
        "haftaya salı 14:30": "2026-12-01 14:30",
        "yarın öğleden sonra üçte": "2026-11-25 15:00",
        "bu cuma saat 10": "2026-11-27 10:00",
        "gelecek cuma": "unclear",
        "pazartesi günü sabah 9 buçukta": "2026-11-30 09:30",
        "1 Aralık Salı": "2026-12-01",
        "iki gün sonra": "2026-11-26",
        "gelecek hafta sonu": "2026-12-05/2026-12-06",
        "hafta sonu": "2026-11-28/2026-11-29",
        "yarın ya da cuma": "unclear",
        "saat ikiyi çeyrek geçe": "14:15",
        "saat üçe çeyrek kala": "14:45",
        "on dört otuz": "14:30",
        "cuma akşamı": "2026-11-27 evening",
        "öğleden önce": "morning",
        "14'ten önce": "unclear",
        "persembe sabah": "2026-11-26 morning",
        "carsamba 3te": "2026-11-25 15:00",
        "iki hafta sonra": "2026-12-07/2026-12-13",
        "Salıya kadar": "unclear",
        "cuma hariç": "unclear",
        "10 gibi yarın": "2026-11-25 10:00",
    },
    "en": {
        "2.30 pm": "14:30",
        "3pm": "15:00",
        "noon": "12:00",
        "in two days": "2026-11-26",
        "end of next week": "2026-12-03/2026-12-06",
        "on Friday": "2026-11-27",
        "tommorow at 3": "2026-11-25 15:00",
        "next Tuesday at 2": "2026-12-01 14:00",
        "next Friday at 10am": "unclear",
        "Friday the 27th at 10": "2026-11-27 10:00",
        "Thursday the 27th": "unclear",
        "the day after tomorrow in the afternoon": "2026-11-26 afternoon",
        "half past two on Monday": "2026-11-30 14:30",
        "ten to three tomorrow": "2026-11-25 14:50",
        "from 2 to 4 on Thursday": "2026-11-26 afternoon",
        "after 3pm on Friday": "2026-11-27 afternoon",
        "before noon tomorrow": "2026-11-25 morning",
        "not Friday": "unclear",
        "anything but Monday": "unclear",
        "tomorrow, but not at 3": "unclear",
        "in a week": "2026-11-30/2026-12-06",
        "in 2 weeks on Tuesday": "2026-12-08",
        "a week from Friday": "2026-12-04",
        "this Friday 3 p.m.": "2026-11-27 15:00",
        "December 3rd at 11": "2026-12-03 11:00",
        "third of December": "2026-12-03",
        "12/24 at 10": "unclear",
        "at midday on wednesday": "2026-11-25 12:00",
        "at 10 to 3": "14:50",
        "two thirty": "14:30",
        "Can I come on the 1st at 10?": "2026-12-01 10:00",
        "tonight": "2026-11-24 evening",
        "on friday ten": "2026-11-27 10:00",
        "Monday morning": "2026-11-30 morning",
        "the 5th at 2pm": "2026-12-05 14:00",
        "wednesday 9th december 10:30": "2026-12-09 10:30",
        "on Dec 3": "2026-12-03",
        "03/12": "2026-12-03",
        "next week Thursday, early afternoon": "2026-12-03 afternoon",
        "tomorow morning at 9": "2026-11-25 09:00",
        "day after tomorrow 15:00": "2026-11-26 15:00",
        "quarter past 10": "10:15",
        "at half 3": "14:30",
        "five past two": "14:05",
        "5 pm": "17:00",
        "after lunch": "afternoon",
        "in the evening on Wednesday": "2026-11-25 evening",
        "last Friday": "2026-11-20 past",
        "yesterday at 3": "2026-11-23 15:00 past",
        "this weekend": "2026-11-28/2026-11-29",
        "Tuesday or Thursday": "unclear",
        "either tomorrow or Friday": "unclear",
        "by Friday": "unclear",
        "until 3": "unclear",
        "since Monday": "unclear",
        "in a fortnight": "2026-12-07/2026-12-13",
        "the week after next": "2026-12-07/2026-12-13",
        "Monday week": "2026-12-07",
        "I can't on Monday": "unclear",
        "Mon 30 Nov 10am": "2026-11-30 10:00",
        "10 o'clock on the 30th": "2026-11-30 10:00",
        "11am-1pm tomorrow": "unclear",
        "between 10am and 11am": "morning",
    },
    "uk": {
        "о 10-00": "10:00",
        "в полчетвертого": "15:30",
        "четверть второго": "13:15",
        "9 утра": "09:00",
        "о пів на третю": "14:30",
        "послезавтра в три часа": "2026-11-26 15:00",
        "у п'ятницю о 15:00": "2026-11-27 15:00",
        "завтра о десятій ранку": "2026-11-25 10:00",
        "наступного тижня у вівторок": "2026-12-01",
        "3 грудня о 10": "2026-12-03 10:00",
        "третього грудня": "2026-12-03",
        "у вівторок або середу": "unclear",
        "не у вівторок": "unclear",
        "після 15": "afternoon",
        "з 2 до 4": "afternoon",
        "через три дні": "2026-11-27",
        "за десять третя": "14:50",
        "о пів на третю завтра": "2026-11-25 14:30",
        "в среду в 3 часа дня": "2026-11-25 15:00",
        "через тиждень": "2026-11-30/2026-12-06",
        "15 числа": "2026-12-15",
        "післязавтра ввечері": "2026-11-26 evening",
        "в обід": "afternoon",
        "пятницу о 2": "2026-11-27 14:00",
        "у четвер о чверть на десяту": "2026-11-26 09:15",
        "24.12 о 11": "2026-12-24 11:00",
        "вчора": "2026-11-23 past",
        "доброго дня, хочу прийти в понеділок": "2026-11-30",
        "завтра вранці": "2026-11-25 morning",
        "у понеділок о 9:30": "2026-11-30 09:30",
        "наступна п'ятниця": "unclear",
        "в пятницу утром": "2026-11-27 morning",
        "в понедельник в 10 утра": "2026-11-30 10:00",
        "на следующей неделе": "2026-11-30/2026-12-06",
        "через два тижні": "2026-12-07/2026-12-13",
        "після обіду в четвер": "2026-11-26 afternoon",
        "о пів на десяту": "09:30",
        "пів третьої": "14:30",
        "о 14-30": "14:30",
        "1 грудня о третій": "2026-12-01 15:00",
        "першого грудня": "2026-12-01",
        "завтра або післязавтра": "unclear",
        "крім середи": "unclear",
        "до 12": "morning",
        "від 10 до 12": "morning",
        "в субботу": "2026-11-28",
        "наприкінці наступного тижня": "2026-12-03/2026-12-06",
        "через неделю в среду": "2026-12-02",
        "сьогодні ввечері о 7": "2026-11-24 19:00",
        "пн 10:00": "2026-11-30 10:00",
        "пятого декабря": "2026-12-05",
        "о п'ятій": "17:00",
        "без четверти три": "14:45",
        "половина третьої": "14:30",
        "на 15:00 завтра": "2026-11-25 15:00",
    },
    "fa": {
        "farda saat 10": "2026-11-25 10:00",
        "3 حمل": "unclear",
        "سه و نیم": "15:30",
        "فردا ساعت ۱۰ صبح": "2026-11-25 10:00",
        "پنجشنبه بعد از ظهر": "2026-11-26 afternoon",
        "هفته آینده دوشنبه ساعت سه و نیم": "2026-11-30 15:30",
        "سه شنبه ساعت ده": "2026-11-24 10:00",
        "۳ دسامبر ساعت ۱۰": "2026-12-03 10:00",
        "۱۵ آذر": "unclear",
        "سوم قوس": "unclear",
        "۱۴۰۵/۹/۱۲": "unclear",
        "بعد از ساعت سه": "afternoon",
        "بین ۲ و ۴": "afternoon",
        "شنبه یا یکشنبه": "unclear",
        "سه روز بعد": "2026-11-27",
        "ده دقیقه به سه": "14:50",
        "دیروز": "2026-11-23 past",
        "پس فردا عصر": "2026-11-26 afternoon",
        "جمعه نه": "unclear",
        "چهارشنبه نمیتوانم": "unclear",
        "یک ربع به سه": "14:45",
        "دوشنبه صبح ساعت ۹": "2026-11-30 09:00",
        "روز جمعه ساعت ۲ بعد از ظهر": "2026-11-27 14:00",
        "هفته بعد سه\u200cشنبه": "2026-12-01",
        "فردا شب": "2026-11-25 evening",
        "ساعت ده و نیم فردا": "2026-11-25 10:30",
        "۲۰ دسامبر": "2026-12-20",
        "دو هفته بعد": "2026-12-07/2026-12-13",
        "سه شنبه یا چهارشنبه": "unclear",
        "غیر از دوشنبه": "unclear",
        "قبل از ظهر": "morning",
        "تا ساعت ۱۲": "morning",
        "صبا ساعت ده بجه": "2026-11-25 10:00",
        "پنج شنبه هفته بعد": "2026-12-03",
        "۱ دی": "unclear",
        "۳ جدی ساعت ۱۰": "unclear",
        "ساعت پانزده": "15:00",
        "روز شنبه": "2026-11-28",
        "دوشنبه نه سه شنبه": "unclear",
    },
    "ti": {
        "ሃሙስ": "2026-11-26",
        "3 ሕዳር 2019": "unclear",
        "ሰዓት ሰለስተ": "15:00",
        "ሰዓት ሰለስተ ንግሆ": "unclear",
        "ጽባሕ ሰዓት 10": "2026-11-25 10:00",
        "ሰኑይ ንግሆ": "2026-11-30 morning",
        "ዝመጽእ ሰሙን ሓሙስ ድሕሪ ቀትሪ": "2026-12-03 afternoon",
        "ዓርቢ ሰዓት ሰለስተን ፈረቓን": "2026-11-27 15:30",
        "ድሕሪ ጽባሕ": "2026-11-26",
        "ሰሉስ ወይ ረቡዕ": "unclear",
        "ድሕሪ ሰለስተ መዓልቲ": "2026-11-27",
        "ሰዓት ፲": "10:00",
        "ሎሚ ምሸት": "2026-11-24 evening",
        "ትማሊ": "2026-11-23 past",
        "3 ታሕሳስ ሰዓት 10": "2026-12-03 10:00",
        "12 ጥር": "unclear",
        "ቅድሚ ቀትሪ": "morning",
        "ንሰሉስ ብሰዓት 9": "2026-11-24 09:00",
        "ሰዓት 3 ንግሆ": "unclear",
        "ጽባሕ ድሕሪ ቀትሪ ሰዓት ሰለስተ": "2026-11-25 15:00",
        "ሰኑይ ሰዓት 9:30": "2026-11-30 09:30",
        "ዝመጽእ ሰሙን": "2026-11-30/2026-12-06",
        "ዝመጽእ ሓሙስ": "2026-11-26",
        "ካብ 2 ክሳብ 4": "afternoon",
        "ድሕሪ ሰዓት 3": "afternoon",
        "ሰሉስ ኣይክእልን": "unclear",
        "3 ዲሴምበር": "2026-12-03",
        "ሎሚ ሰዓት 11": "2026-11-24 11:00",
        "ዓርቢ ንግሆ ሰዓት ትሽዓተ": "2026-11-27 09:00",
        "ድሕሪ ክልተ ሰሙን": "2026-12-07/2026-12-13",
        "ቀዳም": "2026-11-28",
        "ዕለት 15": "2026-12-15",
    },
}


def in_words(moment: Moment) -> str:
    """Say a moment as SAID does; a part of the day only where no time is named."""
    if moment.is_unclear:
        return UNCLEAR
    hour = next((hour for hour in moment.times if time(8) <= hour <= time(20)), None)
    week = moment.week and f"{moment.week[0]}/{moment.week[1]}"
    part = moment.part if hour is None else None
    said = (moment.day, week, hour and f"{hour:%H:%M}", part, "past" if moment.is_past else None)
    return " ".join(str(one) for one in said if one)


@pytest.mark.parametrize(
    ("language", "text", "meaning"),
    [(language, text, meaning) for language, said in SAID.items() for text, meaning in said.items()],
)
def test_a_moment_is_read_as_people_say_it(language: str, text: str, meaning: str) -> None:
    assert in_words(read_moment(text, language, TODAY, PROMPTS)) == meaning


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ik heb een vraag over mijn uitkering", "nl"),
        ("ik heb 2 kinderen", "nl"),
        ("ik ben 34 jaar", "nl"),
        ("mijn nummer is 0612345678", "nl"),
        ("zo snel mogelijk", "nl"),
        ("one moment please", "en"),
        ("may I bring my mother", "en"),
        ("in three hours", "en"),
        ("dünya", "tr"),
        ("ما في أحد", "ar"),
        ("на інший час", "uk"),
    ],
)
def test_nothing_is_read_where_nothing_is_said_of_when(text: str, language: str) -> None:
    assert read_moment(text, language, TODAY, PROMPTS) == Moment()


def test_a_not_leaves_nothing_that_could_be_booked() -> None:
    assert read_moment("morgen om 3 uur kan ik niet", "nl", TODAY, PROMPTS) == Moment(is_unclear=True)


def test_both_halves_of_the_day_are_given_the_earlier_first() -> None:
    assert read_moment("morgen om 3 uur", "nl", TODAY, PROMPTS).times == (time(3), time(15))
    assert read_moment("morgenmiddag om 3 uur", "nl", TODAY, PROMPTS).times == (time(15),)


def test_a_turkish_ten_is_no_english_on() -> None:
    assert read_moment("cuma on", "tr", TODAY, PROMPTS).times[0] == time(10)
    for language in LANGUAGES:
        assert read_moment("on Friday", language, TODAY, PROMPTS).times == ()


def test_hours_in_tigrinya_are_those_of_a_dutch_clock_and_asked_back_in_the_night() -> None:
    assert read_moment("ሰዓት ሰለስተ", "ti", TODAY, PROMPTS).times == (time(3), time(15))
    assert read_moment("ሰዓት ሰለስተ ንግሆ", "ti", TODAY, PROMPTS).is_unclear


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("1 of 2 december", "nl"),
        ("tusen 2 en 4 uur", "nl"),
        ("2 or 3 pm", "en"),
        ("о 10 або 11", "uk"),
        ("morgen of volgende week", "nl"),
        ("vrijdag 4", "nl"),
        ("drie uur 's nachts in de ochtend", "nl"),
    ],
)
def test_two_meanings_are_asked_back(text: str, language: str) -> None:
    assert read_moment(text, language, TODAY, PROMPTS).is_unclear


def test_a_half_of_the_day_is_no_second_hour() -> None:
    moment = read_moment("у другій половині дня в середу", "uk", TODAY, PROMPTS)
    assert moment == Moment(day=date(2026, 11, 25), part=DayPart.AFTERNOON)


def test_no_number_word_is_taken_for_a_weekday_with_a_slip_in_it() -> None:
    for texts in (PROMPTS["understood/numbers"], PROMPTS["understood/round_minutes"]):
        for language, numbers in texts.items():
            for word in numbers.replace("*", "").replace("|", ",").split(","):
                assert read_moment(word, language, TODAY, PROMPTS).day is None, word


def test_next_friday_on_a_tuesday_gives_the_first_one_and_is_asked_back() -> None:
    assert read_moment("next Friday", "en", TODAY, PROMPTS) == Moment(day=date(2026, 11, 27), is_unclear=True)
    assert read_moment("next Monday", "en", TODAY, PROMPTS) == Moment(day=date(2026, 11, 30))


def test_a_week_that_runs_begins_today() -> None:
    assert read_moment("deze week", "nl", TODAY, PROMPTS).week == (TODAY, date(2026, 11, 29))


@given(st.text(max_size=50), st.sampled_from(list(LANGUAGES)), st.dates(date(2026, 1, 1), date(2090, 1, 1)))
def test_no_text_breaks_it(text: str, language: str, today: date) -> None:
    moment = read_moment(text, language, today, PROMPTS)
    assert moment.is_past or moment.day is None or moment.day >= today


@given(st.lists(st.sampled_from(WORDS)))
def test_no_order_of_words_breaks_it(words: list[str]) -> None:
    moment = read_moment(" ".join(words), "nl", TODAY, PROMPTS)
    assert list(moment.times) == sorted(moment.times)
