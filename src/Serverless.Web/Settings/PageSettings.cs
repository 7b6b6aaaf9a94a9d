namespace Serverless.Web.Settings;

/// <summary>The page for people.</summary>
/// <param name="Enabled">Whether it is there. Without the API it would have nothing to show, and is not.</param>
public sealed record PageSettings(bool Enabled)
{
    /// <summary>Reads the settings below <c>Ui</c>.</summary>
    public static PageSettings Read(SettingsReader reader) => new(reader.Flag("Ui:Enabled", true));
}
