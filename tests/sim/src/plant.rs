//! Mistakes that are made on purpose, to see that the oracle finds them. Each is one that somebody could really make.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// An answer is called saved and was not written.
    AnswerNotWritten,
    /// An answer is written to another item.
    AnswerOfAnotherItem,
    /// What was written last is gone when the page dies: writes are not strict.
    LastWriteLost,
    /// A draft goes with the page.
    DraftGoesWithThePage,
    /// The seal leaves the draft open.
    SealLeavesDraft,
    /// The seal closes the draft and its event is not written.
    SealLosesEvent,
    /// A photo's row is written, its bytes are not.
    RowWithoutBytes,
    /// Events are deleted as soon as they have a receipt.
    ForgetsWhatIsAcknowledged,
    /// The queue moves on without writing down the receipts.
    ReceiptsNotWritten,
    /// Whatever the server answers, the queue moves on.
    FailureCountsAsDelivered,
    /// After a failure nothing is sent any more.
    NeverTriesAgain,
    /// The queue skips an event.
    QueueSkipsOne,
    /// The cursor moves on without its page.
    CursorWithoutPage,
    /// What the server did not apply is not told.
    TroubleIsHidden,
    /// Photos are never looked for.
    PhotosForgotten,
    /// Photos are called delivered without being sent.
    PhotosCalledDelivered,
    /// A bit of a photo changes between disk and network.
    BytesRot,
    /// The server forgets an event that it gave a receipt for: the receipt came before the commit.
    ServerForgetsEvent,
    /// The server writes an event's text anew.
    ServerRewritesText,
    /// The server loses bytes that it gave a receipt for.
    ServerLosesBytes,
    /// A page of the feed lacks a row behind which the cursor stands already.
    FeedSkipsOne,
    /// A person is given the feed of another.
    FeedOfAnother,
    /// Nothing is sent again to a server that was restored.
    NoRefill,
    /// Photos count as delivered to a server that was restored since.
    PhotosNotDoubted,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::AnswerNotWritten,
        Self::AnswerOfAnotherItem,
        Self::LastWriteLost,
        Self::DraftGoesWithThePage,
        Self::SealLeavesDraft,
        Self::SealLosesEvent,
        Self::RowWithoutBytes,
        Self::ForgetsWhatIsAcknowledged,
        Self::ReceiptsNotWritten,
        Self::FailureCountsAsDelivered,
        Self::NeverTriesAgain,
        Self::QueueSkipsOne,
        Self::CursorWithoutPage,
        Self::TroubleIsHidden,
        Self::PhotosForgotten,
        Self::PhotosCalledDelivered,
        Self::BytesRot,
        Self::ServerForgetsEvent,
        Self::ServerRewritesText,
        Self::ServerLosesBytes,
        Self::FeedSkipsOne,
        Self::FeedOfAnother,
        Self::NoRefill,
        Self::PhotosNotDoubted,
    ];
}
