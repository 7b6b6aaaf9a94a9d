namespace Serverless.Registry.Events;

/// <summary>What has happened, in the words of the notifications of CNCF distribution.</summary>
public enum EventAction
{
    /// <summary>A blob or a manifest was pushed, or a tag pointed at a manifest.</summary>
    Push,

    /// <summary>A blob or a manifest was pulled.</summary>
    Pull,

    /// <summary>A blob was linked from another repository.</summary>
    Mount,

    /// <summary>A blob, a manifest, a tag or a whole repository was deleted.</summary>
    Delete,

    /// <summary>With a push to the repository its namespace has passed its soft quota.</summary>
    Quota,
}
