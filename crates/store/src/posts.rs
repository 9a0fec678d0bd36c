use crate::StoreError;
use crate::entity::post;
use crate::error::Attempted;
use directory::Post;
use identity::{PostFields, ProfessionCode};
use kernel::{Finess, PersonId, SourceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use std::str::FromStr;

/// Posts: what HR says of where people work. A source's posts of a person are replaced together.
pub struct Posts<'a, C: ConnectionTrait>(pub(crate) &'a C);

impl<C: ConnectionTrait> Posts<'_, C> {
    pub async fn of(&self, person: PersonId) -> Result<Vec<Post>, StoreError> {
        let rows = post::Entity::find()
            .filter(post::Column::PersonId.eq(person.uuid()))
            .order_by_asc(post::Column::Id)
            .all(self.0)
            .await
            .attempted("read posts")?;
        rows.into_iter().map(read).collect()
    }

    /// Those of the given people, in no order. For walks through everybody, a part at a time.
    pub async fn of_all(&self, people: &[PersonId]) -> Result<Vec<Post>, StoreError> {
        let rows = post::Entity::find()
            .filter(post::Column::PersonId.is_in(people.iter().map(|id| id.uuid())))
            .all(self.0)
            .await
            .attempted("read posts of people")?;
        rows.into_iter().map(read).collect()
    }

    /// Who bears this matricule, each once.
    pub async fn bearers(&self, matricule: &str) -> Result<Vec<PersonId>, StoreError> {
        let rows = post::Entity::find()
            .filter(post::Column::Matricule.eq(matricule))
            .all(self.0)
            .await
            .attempted("read posts by matricule")?;
        let people: std::collections::BTreeSet<PersonId> =
            rows.into_iter().map(|row| row.person_id.into()).collect();
        Ok(people.into_iter().collect())
    }

    /// All posts of everybody. For runs; screens page instead.
    pub async fn all(&self) -> Result<Vec<Post>, StoreError> {
        let rows = post::Entity::find()
            .order_by_asc(post::Column::Id)
            .all(self.0)
            .await
            .attempted("read posts")?;
        rows.into_iter().map(read).collect()
    }

    pub async fn insert_all(&self, posts: &[Post]) -> Result<(), StoreError> {
        for chunk in posts.chunks(500) {
            post::Entity::insert_many(chunk.iter().map(|post| row(post).into_active_model()))
                .exec_without_returning(self.0)
                .await
                .attempted("create posts")?;
        }
        Ok(())
    }

    /// The posts that one source gives to one person, as they are now.
    pub async fn replace(
        &self,
        person: PersonId,
        source: SourceId,
        posts: &[Post],
    ) -> Result<(), StoreError> {
        post::Entity::delete_many()
            .filter(post::Column::PersonId.eq(person.uuid()))
            .filter(post::Column::SourceId.eq(source.uuid()))
            .exec(self.0)
            .await
            .attempted("replace posts")?;
        self.insert_all(posts).await
    }
}

fn row(post: &Post) -> post::Model {
    let fields = &post.fields;
    post::Model {
        id: post.id.uuid(),
        person_id: post.person.uuid(),
        source_id: post.source.uuid(),
        matricule: fields.matricule.to_string(),
        finess_ej: fields.finess_ej.as_ref().map(ToString::to_string),
        finess_et: fields.finess_et.as_ref().map(ToString::to_string),
        unit_code: fields.unit_code.clone(),
        unit_label: fields.unit_label.clone(),
        function_label: fields.function_label.clone(),
        profession: fields.profession.as_ref().map(|code| code.0.clone()),
        contract_kind: fields.contract_kind.clone(),
        starts_on: fields.starts_on,
        ends_on: fields.ends_on,
    }
}

pub(crate) fn read(row: post::Model) -> Result<Post, StoreError> {
    let id = row.id.to_string();
    let bad = |column| StoreError::Corrupt { table: "post", row: id.clone(), column };
    let finess = |text: Option<String>, column| {
        text.as_deref().map(Finess::from_str).transpose().map_err(|_| bad(column))
    };
    Ok(Post {
        id: row.id.into(),
        person: row.person_id.into(),
        source: row.source_id.into(),
        fields: PostFields {
            matricule: row.matricule.parse().map_err(|_| bad("matricule"))?,
            finess_ej: finess(row.finess_ej, "finess_ej")?,
            finess_et: finess(row.finess_et, "finess_et")?,
            unit_code: row.unit_code,
            unit_label: row.unit_label,
            function_label: row.function_label,
            profession: row.profession.map(ProfessionCode),
            contract_kind: row.contract_kind,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
        },
    })
}
