"""The words that people write beside a number: names of money, its small parts, multipliers, arithmetic. Data only.

A word that is missing here is taken for a note, and the bare number is paid: when in doubt, it belongs in the table.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import NamedTuple

ANY_CURRENCY = "*"
PUNCTUATION = ".,;:!?"  # behind a word


class Sort(Enum):
    """What a word makes of the number beside it."""

    MONEY = "money"  # `euros`, `kr`, `$`: of the currencies in `codes`, or of none that is in ISO 4217 (`sats`)
    PART = "part"  # `cents`: a hundredth of one
    TIMES = "times"  # `k`, `million`
    SUM = "sum"  # `+`, `percent`: something has to be worked out


class Unit(NamedTuple):
    """What a word stands for, and in which currencies it does."""

    sort: Sort
    codes: tuple[str, ...]


# ISO 4217 codes that people write small as well; left out are those that are everyday words: all, cup, mad, pen, try.
_SMALL_CODES = """
aed afn amd aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd brl bsd btn bwp byn bzd cad cdf chf clp cny crc cve czk
djf dkk dop dzd egp ern etb eur fjd fkp gbp ghs gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils inr iqd irr isk jmd jod
jpy kes kgs khr kmf kpw krw kwd kyd kzt lbp lkr lrd lsl lyd mdl mga mkd mmk mnt mru mur mvr mwk mxn myr mzn nad ngn nio
nok npr nzd omr pab pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd shp sle srd ssp stn syp szl thb tjs
tmt tnd ttd twd tzs uah ugx usd uyu uzs ves vnd vuv wst xaf xcd xcg xof xpf xtr yer zar zmw zwg
"""

_MONEY = {
    "EUR": (
        "€ euro euros eura euró eurot euroa euroja evro evra evrov eurų eiro ευρώ ευρω евро євро юро يورو ユーロ यूरो"
        " 欧元 歐元"
    ),
    "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD": (
        "dollar dollars dollari dollaro dollarin dollariä dólar dólares dolar dolares dolary dolarů dolarów dolara"
        " buck bucks доллар доллара доллары долларов долар долари доларів دولار دولارات ドル 美元 美金 달러 डॉलर डालर"
    ),
    "USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD"
    " ARS CLP COP CUP DOP MXN UYU": "$ ＄",
    "USD": "us$ u$s",
    "CAD": "ca$ c$ can$",
    "AUD": "a$ au$",
    "NZD": "nz$",
    "HKD": "hk$",
    "SGD": "s$ sg$",
    "TWD": "nt$",
    "MXN": "mx$ mex$",
    "XCD": "ec$",
    "ARS CLP COP CUP DOP MXN PHP UYU": "peso pesos песо",
    "PHP": "₱",
    "GBP EGP FKP GIP LBP SDG SHP SSP SYP": (
        "£ ￡ pound pounds pfund libra libras sterling quid фунт фунта фунтов पाउंड جنيه جنيهات 英镑"
    ),
    "CNY JPY": "¥ ￥ 円",
    "JPY": "yen yenes iene ienes иена иены иен йена 엔 日元 日圆 येन ين",
    "CNY": "cn¥ rmb 元 圆 圓 块 yuan yuans renminbi kuai 人民币 塊 युआन يوان юань юаня юаней",
    "DKK ISK NOK SEK": "kr kr. krona kronor kronur kronan krone kroner kronen kronas крона кроны крон",
    "CZK": "kč kc koruna koruny korun kronen",
    "PLN": "zł zl złoty złote złotych złotego zloty zlote zlotych zlotys злотый злотых",
    "HUF": "ft forint forints forintot форинт",
    "CHF XAF XOF XPF BIF CDF DJF GNF KMF RWF": (
        "fr fr. sfr sfr. frs franc francs franken fränkli stutz frank franco francos franchi frangi fcfa cfa франк"
        " франков"
    ),
    "RUB BYN": (
        "₽ rubel rubles ruble rouble roubles rublo rublos рубль рубля рублей рубли руб руб. рубл р. रूबल روبل 卢布"
    ),
    "UAH": "₴ hryvnia hryvnias hryven hryvni грн грн. гривня гривні гривень гривна гривны гривен",
    "TRY": "₺ tl lira liras lirası türk lire лира лир ليرة ليرات 里拉",
    "INR LKR MUR NPR PKR SCR": (
        "₹ ₨ rs rs. rupee rupees rupie rupien rupia rupias roupie roupies रुपये रुपया रु रुपए روپیہ روبية روبيات 卢比"
    ),
    "IDR": "rp rp. rupiah perak 印尼盾",
    "KRW KPW": "₩ ￦ won 원",
    "ILS": "₪ nis shekel shekels sheqel sheqels schekel шекель шекелей שקל שקלים שח ש״ח",
    "VND": "₫ đ dong đồng vnđ",
    "THB": "฿ baht bahts บาท",
    "BRL": "r$ real reais",
    "RON MDL": "leu lei лей леев",
    "BGN": "lev leva levs лв лв. лев лева",
    "RSD BHD DZD IQD JOD KWD LYD MKD TND": "din. dinar dinars dinara dinari динар динара динари دينار",
    "AED MAD": "dh dhs dirham dirhams درهم دراهم दिरहम 迪拉姆",
    "SAR IRR OMR QAR YER": "﷼ rial rials riyal riyals ريال ريالات रियाल 里亚尔 toman tomans تومان",
    "ZAR": "rand rands",
    "NGN": "₦ naira nairas",
    "GHS": "₵ cedi cedis",
    "KES SOS TZS UGX": "ksh tsh ush shilling shillings shilingi",
    "KZT": "₸ tenge тенге теңге",
    "GEL": "₾ lari ლარი лари",
    "AMD": "֏ dram drams драм",
    "AZN TMT": "₼ manat manats",
    "UZS KGS": "so'm soʻm сум сўм сом",
    "MNT": "₮ tugrik tögrög төгрөг",
    "LAK": "₭ kip",
    "KHR": "៛ riel riels",
    "BDT": "৳ taka টাকা",
    "ETB": "birr",
    "PEN": "s/ s/. sol soles",
    "MYR": "rm ringgit",
    "CRC SVC": "₡ colon colón colones",
    "PYG": "₲ guarani guaraní guaranies guaraníes",
    "GTQ": "quetzal quetzales",
    "HNL": "lempira lempiras",
    "NIO": "c$ córdoba córdobas cordoba cordobas",
    "VES": "bs bs. bolívar bolívares bolivar bolivares",
    "BOB": "boliviano bolivianos",
    "ALL": "lek lekë leke",
    "BAM DEM": "marka marke maraka",
    "MMK": "kyat kyats",
    "MVR": "rufiyaa",
    "AOA": "kwanza kwanzas",
    "MZN": "metical meticais",
    "XTR": "star stars ⭐ ⭐️ ★ sterne звезда звезды звёзд звезд",
    "SAT": "sat sats satoshi satoshis сатоши",
    "": (
        "₿ btc xbt mbtc bitcoin bitcoins eth ether ethereum gwei usdt usdc tether"
        " ltc litecoin doge xrp xmr ton toncoin toncoins trx bnb биткоин биткойн crypto"
    ),
}

_PARTS = {
    ANY_CURRENCY: (
        "¢ c ct cts cent cents centime centimes centavo centavos centesimo centesimi céntimo céntimos centimo centimos"
        " eurocent eurocents eurocenten centen евроцент евроцента евроцентов سنتا سنتيم 分钱 毛钱 角钱"
        " cêntimo cêntimos cèntim cèntims senttiä sentti senti цент цента центов центи"
        " λεπτά λεπτό سنت سنتات セント सेंट सेन्ट sen 美分 欧分"
    ),
    "GBP": "p penny pennies pence",
    "RUB BYN UAH": "kopek kopeks kopeck kopecks kopeken kopeke коп коп. копейка копейки копеек копійка копійки копійок",
    "PLN": "gr grosz grosze groszy",
    "INR NPR PKR": "paisa paise paisas paisay पैसा पैसे",
    "DKK ISK NOK SEK": "öre ore øre oere aurar",
    "CHF": "rappen rp.",
    "CZK": "haléř haléře haléřů halir",
    "HUF": "fillér",
    "TRY": "kuruş kurus",
    "BGN": "stotinka stotinki стотинки",
    "RON MDL": "ban bani",
    "ILS": "agora agorot אגורות",
    "DEM": "pfennig pfennige",
    "THB": "satang",
    "CNY": "jiao fen 角 分 毛",
    "EGP LBP SYP SDG": "قرش قروش piastre piastres",
    "JOD KWD IQD BHD AED": "فلس fils",
}

_TIMES = (
    "k t tsd m mm mn mln mio mia mrd bn bln mille hundred hundreds hundert dozen dutzend thousand thousands tausend mil"
    " mila tuhat tuhatta tusen tusind duizend ezer tys tysiąc tysiące tysięcy tisíc bin grand тыс тыс. тысяча тысячи"
    " тысяч тисяч тисячі ribu ngàn nghìn million millions millionen millón millones milhão milhões milione milioni"
    " miljoen miljoner miljoona milijon milion miliony milionów milyon juta triệu миллион миллиона миллионов млн млн."
    " мільйон мільйонів billion billions milliard milliards milliarde milliarden miliardo miliardi миллиард млрд"
    " lakh lakhs lac crore crores trillion 千 万 萬 百 億 亿 천 만 ألف الف آلاف الاف مليون ملايين مليار"
    " हज़ार हजार लाख करोड़ करोड सौ अरब 百万 千万 rb jt miliar ratus lusin"
    " thou hunderte hunderter zehner tausender dutzende mill mill. k€ t€ teur centenas centena centenar centenares"
    " millar millares centaine centaines millier milliers centinaio centinaia migliaio honderd honderden duizenden"
    " miljard setka setki setek stówa stówek tysiak tysiaki tysiaków yüz milyar тыщ тыща тыщи тысячу косарь косаря"
    " косарей milhar milhares مئة مائة مئات सैकड़ा दर्जन 十 打 puluh ribuan jutaan"
    " cien cientos docena docenas douzaine douzaines dúzia dúzias duzia cento сто сотня сотен дюжина"
)

_SUM = (
    "+ - − * ∗ / ÷ x × ✕ ✖ ⋅ ^ = % ‰ plus minus less times mal fois veces vezes volte keer gånger ganger razy раз раза"
    " percent pct prozent procent prosent procento процент процентов percento porciento pourcent yüzde"
    " divided durch geteilt más menos moins плюс минус умножить kali tambah kurang persen 加 减 乘 倍"
    " multiplied dividido multiplicado divisé multiplié diviso moltiplicato più meno gedeeld çarpı bölü artı eksi"
    " разделить делить गुणा प्लस माइनस 除以 乘以 dikali dibagi قسمة ٪"
    " गुना जोड़ प्रतिशत ضرب زائد ناقص بالمئة بالمائة"
)


@cache
def _units() -> dict[str, Unit]:
    """Every word of the tables; currencies that share a word are put together."""
    units: dict[str, Unit] = {}

    def add(sort: Sort, codes: str, words: str) -> None:
        for word in words.split():
            known = units.get(word)
            if known is None or known.sort is sort:
                units[word] = Unit(sort, (*(known.codes if known else ()), *codes.split()))

    for code in _SMALL_CODES.split():
        add(Sort.MONEY, code.upper(), code)
    for codes, words in _MONEY.items():
        add(Sort.MONEY, codes, words)
    for codes, words in _PARTS.items():
        add(Sort.PART, codes, words)
    add(Sort.TIMES, "", _TIMES)
    add(Sort.SUM, "", _SUM)
    return units


def unit_of(word: str) -> Unit | None:
    """What a word beside a number makes of it; None for anything else, which is a note."""
    units = _units()
    word = word.casefold()
    return units.get(word) or units.get(word.rstrip(PUNCTUATION))


def has_dot(word: str) -> bool:
    """Whether the dot at a word's end belongs to it: `kr.5` is five, but `€.5` could be a half."""
    return word.casefold() in _units()
