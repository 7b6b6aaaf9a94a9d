namespace Serverless.Web.Settings;

/// <summary>The API for operators, and the imports that it is asked for.</summary>
/// <param name="Enabled">Whether it is there at all.</param>
/// <param name="MaxWaiting">How many imports may wait or run at a time.</param>
/// <param name="MaxParallel">How many of them an instance runs at a time.</param>
public sealed record ApiSettings(bool Enabled, int MaxWaiting, int MaxParallel)
{
    /// <summary>Reads the settings below <c>Api</c> and <c>Imports</c>.</summary>
    public static ApiSettings Read(SettingsReader reader) =>
        new(reader.Flag("Api:Enabled", true), reader.Number("Imports:MaxWaiting", 100, 1, 1000), reader.Number("Imports:MaxParallel", 2, 1, 16));
}
