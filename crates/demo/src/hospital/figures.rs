//! Every figure of the synthetic hospital, as a parameter. Shares are in 100 000: 1 000 is 1 %.
//! The figures of the register and of spelling habits follow published counts where there are any
//! (DREES 2024 and 2025 for professions and sexes); the rest is our inference.
use super::chance::Share;

#[derive(Debug, Clone)]
pub struct Figures {
    // People
    pub born_abroad: Share,
    /// Of those born abroad: day and month unknown, written 01/01.
    pub abroad_first_january: Share,
    pub twins: Share,
    /// Same name and same 01/01, another person.
    pub same_name_same_first_january: Share,
    /// Same surname and profession, a generation apart.
    pub parent_and_child: Share,
    pub usual_is_second_first_name: Share,
    pub changed_civil_sex: Share,
    // Register
    pub two_professions: Share,
    /// 0, 1, 2, 3 and 4 activities: with the second professions, 1.28 lines a person.
    pub activities: [Share; 5],
    pub finess_on_hospital_lines: Share,
    pub siret_on_cabinet_lines: Share,
    pub weekly_new: Share,
    pub weekly_closures: Share,
    pub weekly_structure_changes: Share,
    pub weekly_name_changes: Share,
    /// Staff whom the register shows nowhere, or still at the place before. A choice, for want of a source: what
    /// changes in two weeks at `weekly_structure_changes` (hard: in ten), and a quarter of it (decision 0008).
    pub staff_without_structure: Share,
    pub staff_still_at_last_place: Share,
    /// Former staff never struck off our structure, as a share of today's staff.
    pub former_staff: Share,
    // HR
    pub hr_only_one_surname: Share,
    pub recent_name_change: Share,
    pub hr_birth_date_missing: Share,
    pub hr_birth_date_first_january: Share,
    pub hr_day_month_swapped: Share,
    pub hr_birth_date_typo: Share,
    pub hr_date_iso: Share,
    pub hr_date_excel: Share,
    pub hr_date_short_year: Share,
    pub hr_birth_place_present: Share,
    pub hr_birth_place_variant: Share,
    pub hr_rpps_given: Share,
    pub hr_rpps_typo: Share,
    pub hr_rpps_of_colleague: Share,
    pub hr_rpps_is_adeli: Share,
    pub hr_rpps_leading_8: Share,
    pub hr_name_misspelt: Share,
    pub hr_name_cut: Share,
    pub hr_names_swapped: Share,
    /// Of those with a name from afar.
    pub afar_names_swapped: Share,
    pub afar_first_name_francised: Share,
    pub second_post: Share,
    pub weekly_arrivals: Share,
    pub weekly_departures: Share,
    pub weekly_renames: Share,
    pub weekly_moves: Share,
    // Dangers
    /// Staff with a clinical grade who are not, or not yet, in the register (on top of each job's own share).
    pub clinical_not_registered: Share,
    /// Those among them who have a registered namesake of the same profession.
    pub namesake_of_the_unregistered: Share,
    /// Registered staff with a registered namesake of the same profession.
    pub namesake_of_the_registered: Share,
    /// Of those with such a namesake: HR typed the namesake's number from the public directory.
    pub hr_rpps_of_namesake: Share,
    /// Of registered staff with a namesake: that one is former staff of ours, never struck off.
    pub namesake_is_former_staff: Share,
    pub homonyms_in_the_house: Share,
    /// Grades that say little of the profession weigh this many hundredths of their normal share.
    pub vague_grades_hundredths: u32,
    // AD
    pub ad_account: Share,
    pub ad_employee_id: Share,
    pub ad_mail: Share,
}

impl Figures {
    pub fn normal() -> Self {
        Self {
            born_abroad: 10_000,
            abroad_first_january: 1_500,
            twins: 200,
            same_name_same_first_january: 100,
            parent_and_child: 500,
            usual_is_second_first_name: 4_000,
            changed_civil_sex: 20,
            two_professions: 1_000,
            activities: [12_000, 68_000, 14_500, 3_800, 1_700],
            finess_on_hospital_lines: 95_000,
            siret_on_cabinet_lines: 20_000,
            weekly_new: 400,
            weekly_closures: 200,
            weekly_structure_changes: 600,
            weekly_name_changes: 100,
            staff_without_structure: 300,
            staff_still_at_last_place: 1_200,
            former_staff: 5_000,
            hr_only_one_surname: 10_000,
            recent_name_change: 3_000,
            hr_birth_date_missing: 1_000,
            hr_birth_date_first_january: 200,
            hr_day_month_swapped: 300,
            hr_birth_date_typo: 400,
            hr_date_iso: 500,
            hr_date_excel: 300,
            hr_date_short_year: 1_000,
            hr_birth_place_present: 92_000,
            hr_birth_place_variant: 8_000,
            hr_rpps_given: 60_000,
            hr_rpps_typo: 1_200,
            hr_rpps_of_colleague: 400,
            hr_rpps_is_adeli: 800,
            hr_rpps_leading_8: 500,
            hr_name_misspelt: 500,
            hr_name_cut: 1_000,
            hr_names_swapped: 100,
            afar_names_swapped: 7_000,
            afar_first_name_francised: 5_000,
            second_post: 8_000,
            weekly_arrivals: 400,
            weekly_departures: 300,
            weekly_renames: 100,
            weekly_moves: 600,
            clinical_not_registered: 500,
            namesake_of_the_unregistered: 10_000,
            namesake_of_the_registered: 1_000,
            hr_rpps_of_namesake: 5_000,
            namesake_is_former_staff: 0,
            homonyms_in_the_house: 100,
            vague_grades_hundredths: 100,
            ad_account: 96_000,
            ad_employee_id: 92_000,
            ad_mail: 97_000,
        }
    }

    /// The dangers that a real hospital has, all at once and more often.
    pub fn hard() -> Self {
        Self {
            staff_without_structure: 1_500,
            staff_still_at_last_place: 6_000,
            former_staff: 20_000,
            hr_birth_date_missing: 8_000,
            hr_birth_date_first_january: 3_000,
            hr_day_month_swapped: 1_000,
            hr_birth_date_typo: 1_200,
            hr_name_misspelt: 3_000,
            hr_name_cut: 2_500,
            hr_names_swapped: 1_500,
            clinical_not_registered: 5_000,
            namesake_of_the_unregistered: 70_000,
            namesake_of_the_registered: 6_000,
            hr_rpps_of_namesake: 30_000,
            namesake_is_former_staff: 10_000,
            homonyms_in_the_house: 1_000,
            vague_grades_hundredths: 350,
            ..Self::normal()
        }
    }
    /// A register that learns of moves much later: the rates that the demo had first (decision 0008).
    pub fn lag(&mut self, hard: bool) {
        (self.staff_without_structure, self.staff_still_at_last_place) =
            if hard { (5_000, 20_000) } else { (1_500, 4_000) };
    }
}
