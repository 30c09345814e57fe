/// What the operator says of surges: `doorman surge on|off|auto`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    strum::EnumString,
    strum::IntoStaticStr,
    serde::Serialize,
    serde::Deserialize,
)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SurgeMode {
    /// There is one until the operator says otherwise.
    On,
    /// There is none, however many come.
    Off,
    /// The desk finds out.
    #[default]
    Auto,
}
