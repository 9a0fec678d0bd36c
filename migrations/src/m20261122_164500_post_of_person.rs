use sea_orm_migration::prelude::*;

/// The index of a person's posts holds their end and profession too: whether she has a regulated post today is then
/// asked of it alone, for ten thousand people at once.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        put(manager, &["person_id", "ends_on", "profession"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        put(manager, &["person_id"]).await
    }
}

async fn put(manager: &SchemaManager<'_>, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name("post_person").table("post").to_owned()).await?;
    let mut index = Index::create().name("post_person").table("post").to_owned();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}
