//! What the card listener read, until the login that waits for it comes back for it. No act of its own: the login that it
//! leads to is one.
use crate::entity::card_hand_over::{Column, Entity, Model};
use crate::error::Attempted;
use crate::{StoreError, Upkeep};
use chrono::{DateTime, Utc};
use kernel::HandleHash;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// A card that was read for one login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardHandOver {
    /// The login that asked for it; its browser is the one that may come for it.
    pub login: HandleHash,
    /// What the card said (JSON of `cards` alone).
    pub card: String,
    pub read_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Upkeep<'_> {
    /// Takes the place of what was handed over to the same login before.
    pub async fn hand_card_over(
        &self,
        code: &HandleHash,
        card: &CardHandOver,
    ) -> Result<(), StoreError> {
        let row = Model {
            code_hash: code.0.to_vec(),
            login_hash: card.login.0.to_vec(),
            card: card.card.clone(),
            read_at: card.read_at,
            expires_at: card.expires_at,
        };
        let tx = self.0.begin().await?;
        Entity::delete_many()
            .filter(Column::LoginHash.eq(card.login.0.to_vec()))
            .exec(&tx)
            .await
            .attempted("take back a card that was handed over")?;
        Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await
            .attempted("hand a card over")?;
        tx.finish().await
    }

    /// Takes it away for good, whatever comes of it: of several who come with one code, one finds it (threats WB-09).
    pub async fn take_card(&self, code: &HandleHash) -> Result<Option<CardHandOver>, StoreError> {
        let tx = self.0.begin().await?;
        let find = Entity::find_by_id(code.0.to_vec()).one(&tx).await;
        let Some(row) = find.attempted("read a card that was handed over")? else {
            return Ok(None);
        };
        let removal = Entity::delete_many().filter(Column::CodeHash.eq(code.0.to_vec()));
        let removed = removal.exec(&tx).await.attempted("take a card that was handed over")?;
        tx.finish().await?;
        if removed.rows_affected == 1 { read(row).map(Some) } else { Ok(None) }
    }
}

fn read(row: Model) -> Result<CardHandOver, StoreError> {
    let login: [u8; 32] = row.login_hash.try_into().map_err(|_| StoreError::Corrupt {
        table: "card_hand_over",
        row: "of one login".to_owned(),
        column: "login_hash",
    })?;
    Ok(CardHandOver {
        login: HandleHash(login),
        card: row.card,
        read_at: row.read_at,
        expires_at: row.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::on_each;
    use chrono::Duration;
    use kernel::{Clock, Handle, HandleKind, SeededRandomness};

    #[tokio::test]
    async fn wb_09_a_card_handed_over_is_taken_once_and_leaves_with_its_time() {
        on_each(async |at| {
            let chance = SeededRandomness::new(9);
            let now = at.clock.now();
            let code = Handle::new(HandleKind::CardHandOver, &chance).hash();
            let [first, late] =
                [(); 2].map(|()| Handle::new(HandleKind::CardHandOver, &chance).hash());
            let card = || CardHandOver {
                login: Handle::new(HandleKind::Login, &chance).hash(),
                card: "{}".to_owned(),
                read_at: now,
                expires_at: now + Duration::seconds(30),
            };
            let (upkeep, other) = (at.store.upkeep(), card());
            let card = card();
            upkeep.hand_card_over(&late, &other).await.expect("handed over");
            for code in [&first, &code] {
                upkeep.hand_card_over(code, &card).await.expect("handed over");
            }
            let replaced = upkeep.take_card(&first).await.expect("read");
            assert_eq!(replaced, None, "a login has one");
            assert_eq!(upkeep.take_card(&code).await.expect("taken"), Some(card));
            assert_eq!(upkeep.take_card(&code).await.expect("read"), None);
            at.clock.advance(Duration::seconds(31));
            assert!(upkeep.sweep().await.expect("swept") >= 1);
            assert_eq!(upkeep.take_card(&late).await.expect("read"), None);
        })
        .await;
    }
}
