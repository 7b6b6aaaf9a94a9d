namespace Serverless.Web.Settings;

/// <summary>How much may be pulled in a minute.</summary>
/// <param name="PerAccount">What each account may pull.</param>
/// <param name="PerAddress">What each address may pull from which nobody signs in.</param>
public sealed record PullSettings(PullLimit PerAccount, PullLimit PerAddress)
{
    /// <summary>Reads the settings below <c>Pulls</c>.</summary>
    public static PullSettings Read(SettingsReader reader) => new(
        new PullLimit(reader.Number("Pulls:PerAccount:Requests", 0, 0, int.MaxValue), reader.Number("Pulls:PerAccount:Bytes", 0, 0, long.MaxValue)),
        new PullLimit(reader.Number("Pulls:PerAddress:Requests", 0, 0, int.MaxValue), reader.Number("Pulls:PerAddress:Bytes", 0, 0, long.MaxValue)));
}

/// <summary>What somebody may pull in a minute.</summary>
/// <param name="Requests">GETs; 0 for any number.</param>
/// <param name="Bytes">Bytes; 0 for any number.</param>
public sealed record PullLimit(int Requests, long Bytes)
{
    /// <summary>Whether there is a limit at all.</summary>
    public bool IsSet => Requests > 0 || Bytes > 0;
}
