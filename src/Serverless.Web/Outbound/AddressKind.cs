namespace Serverless.Web.Outbound;

/// <summary>Whose an address is.</summary>
internal enum AddressKind
{
    /// <summary>One that strangers have too.</summary>
    Public,

    /// <summary>One of this machine or of a network of one's own: for hosts that the settings allow.</summary>
    Own,

    /// <summary>One that no host has whom the registry has a reason to ask: metadata services, which give out credentials, groups, and addresses that mean something else.</summary>
    Never,
}
