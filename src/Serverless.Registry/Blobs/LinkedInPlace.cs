namespace Serverless.Registry.Blobs;

/// <summary>What has come of linking bytes where they lay.</summary>
internal enum LinkedInPlace
{
    /// <summary>They are the blob's.</summary>
    First,

    /// <summary>The blob has bytes of its own, and has them again where it had lost them.</summary>
    Elsewhere,

    /// <summary>Nothing is linked: this digest was linked there before, and has been collected since. The bytes may be copied, and not linked.</summary>
    Spent,

    /// <summary>They have gone meanwhile.</summary>
    Lost,
}
