namespace Serverless.Registry.Accounts;

/// <summary>What came of taking a key away.</summary>
public enum SigningKeyRemoval
{
    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>No key has this name, any more or at all.</summary>
    Unknown,

    /// <summary>It signs now and stays: an older key would sign in its place, or none. Make another one first that signs at once.</summary>
    Signs,
}
