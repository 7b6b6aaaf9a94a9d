namespace Serverless.Cli.Adoption;

/// <summary>Translates the section <c>auth</c>.</summary>
internal static class AuthTranslation
{
    public static void Translate(DistributionConfig config, ConfigTranslation to)
    {
        if (config.Contains("auth.htpasswd"))
        {
            to.Set("Auth:Mode", "basic");
            to.Set("Auth:Basic:Realm", config.Text("auth.htpasswd.realm"));
            to.Set("Auth:Basic:HtpasswdPath", config.Text("auth.htpasswd.path"));
            to.Note("auth.htpasswd: the file is read as it is. Tokens, rights and users that are kept in storage need Auth:Mode=token: 'registry htpasswd import FILE' makes users of its lines");
        }
        else if (config.Contains("auth.token"))
        {
            to.Set("Auth:Mode", "token");
            to.Set("Auth:Token:Realm", config.Text("auth.token.realm"));
            to.Set("Auth:Token:Service", config.Text("auth.token.service"));
            to.Set("Auth:Token:Issuer", config.Text("auth.token.issuer"));
            to.Set("Auth:Token:RootCertBundle", config.Text("auth.token.rootcertbundle"));
            to.Set("Auth:Token:Jwks", config.Text("auth.token.jwks"));
            to.Set("Auth:Token:Algorithms", config.List("auth.token.signingalgorithms"));
            to.AllowPlain(config.Text("auth.token.realm"));
            to.Note("auth.token: without these settings the registry is its own token server, with the accounts of 'registry users' and 'registry robots'");
        }
        else
        {
            to.Set("Auth:Mode", "none");
        }
    }
}
