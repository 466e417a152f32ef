//! Which checklists fit a site: by what kind of place it is, the most particular first.

/// The kinds of sites that checklists name, each with its names as the category of a site ([`crate::sync::wire::Site`]).
pub const KINDS: [(&str, &str, &str); 24] = [
    ("market", "农贸市场", "Market"),
    ("shop", "商店", "Shop"),
    ("restaurant", "餐饮", "Restaurant"),
    ("hotel", "旅馆", "Hotel"),
    (
        "entertainment",
        "歌舞娱乐、网吧",
        "Entertainment, internet café",
    ),
    ("mall", "商场、综合体", "Shopping centre"),
    ("factory", "工厂", "Factory"),
    (
        "factory-host",
        "厂房出租方（厂中厂）",
        "Lessor of factory premises",
    ),
    ("workshop", "小生产加工", "Workshop"),
    ("foundry", "铸造、熔炼", "Foundry, smelter"),
    ("chemicals", "危险化学品", "Hazardous chemicals"),
    ("gas-operator", "燃气经营", "Gas supplier"),
    ("fireworks", "烟花爆竹零售", "Fireworks shop"),
    ("construction", "建筑工地", "Construction site"),
    ("school", "学校、幼儿园", "School, kindergarten"),
    ("tutoring", "校外培训、托管", "Tutoring, after-school care"),
    ("care", "养老机构", "Care home"),
    ("hospital", "医疗、康复", "Hospital, rehabilitation"),
    ("rental", "租赁住房", "Rented housing"),
    ("residential", "住宅小区", "Housing estate"),
    ("self-built", "自建房", "Self-built house"),
    ("transport", "道路运输", "Road transport"),
    ("battery", "换电、储能", "Battery swapping and storage"),
    ("office", "办公楼", "Office building"),
];

/// The kind that a category means: its id or one of its two names.
pub fn kind_of(category: &str) -> Option<&'static str> {
    let same = |kind: &&(&str, &str, &str)| {
        let said = category.trim();
        said == kind.0 || said == kind.1 || said.eq_ignore_ascii_case(kind.2)
    };
    KINDS.iter().find(same).map(|kind| kind.0)
}

/// Those of the checklists that fit a site of this category, in the order in which to offer them: those for few kinds of sites
/// come before those for many and for any, and order among equals is kept. None where the category is no known kind: it says
/// nothing about what fits. `kinds` gives the kinds that a checklist names.
pub fn fitting<T>(
    category: &str,
    checklists: impl IntoIterator<Item = T>,
    kinds: impl Fn(&T) -> &[String],
) -> Vec<T> {
    let Some(kind) = kind_of(category) else {
        return Vec::new();
    };
    let fits = |list: &T| kinds(list).is_empty() || kinds(list).iter().any(|known| known == kind);
    let mut all: Vec<T> = checklists.into_iter().filter(fits).collect();
    crate::order::sort_by_key(&mut all, |list| match kinds(list).len() {
        0 => usize::MAX,
        few => few,
    });
    all
}
