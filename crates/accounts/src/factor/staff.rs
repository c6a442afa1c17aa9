//! Whether who runs the shop must have a second factor.

use crate::Role;

/// The operator's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaffFactor {
    /// Staff without a second factor reach nothing but adding one (ASVS 5.0, 6.3.3).
    #[default]
    Required,
    /// Everybody decides for themselves; for trying the shop out.
    Optional,
}

impl StaffFactor {
    /// Whether somebody of this role must add a factor before anything else.
    pub fn demands(self, role: Role, has_factor: bool) -> bool {
        self == Self::Required && role != Role::Customer && !has_factor
    }
}

/// A word that names no choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected required or optional")]
pub struct UnknownStaffFactor;

impl std::str::FromStr for StaffFactor {
    type Err = UnknownStaffFactor;

    fn from_str(text: &str) -> Result<Self, UnknownStaffFactor> {
        match text {
            "required" => Ok(Self::Required),
            "optional" => Ok(Self::Optional),
            _ => Err(UnknownStaffFactor),
        }
    }
}

impl std::fmt::Display for StaffFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Optional => "optional",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_staff_without_a_factor_are_made_to_add_one() {
        assert!(StaffFactor::Required.demands(Role::Admin, false));
        assert!(!StaffFactor::Required.demands(Role::Admin, true));
        assert!(!StaffFactor::Required.demands(Role::Customer, false));
        assert!(!StaffFactor::Optional.demands(Role::Admin, false));
        for choice in [StaffFactor::Required, StaffFactor::Optional] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("sometimes".parse::<StaffFactor>().is_err());
    }
}
