namespace Serverless.Web.Settings;

/// <summary>What this process puts up with from those who connect to it. Most of it holds before it is known who they are.</summary>
/// <param name="Most">Connections at a time; one more is closed as soon as it is made.</param>
/// <param name="HeadersTimeout">How long the head of a request may take to come.</param>
/// <param name="BodyTimeout">How long the body of a request may take to come that is no layer: a manifest, a form.</param>
public sealed record ConnectionSettings(int Most, TimeSpan HeadersTimeout, TimeSpan BodyTimeout)
{
    /// <summary>Reads the settings below <c>Connections</c>.</summary>
    public static ConnectionSettings Read(SettingsReader reader) => new(
        reader.Number("Connections:Max", 4096, 1, 1_000_000),
        reader.Duration("Connections:HeadersTimeout", TimeSpan.FromSeconds(30)),
        reader.Duration("Connections:BodyTimeout", TimeSpan.FromMinutes(2)));
}
